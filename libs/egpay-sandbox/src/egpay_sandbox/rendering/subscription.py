"""Rendering of subscriptions: since basil the period is on each item."""

from typing import Any

from egpay_sandbox.rendering.catalogue import render_plan, render_price
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import Subscription, SubscriptionItem

# Fields that are the same on every subscription of this account (recorded 2026-03-25.dahlia).
_SAME: dict[str, Any] = {
    "application": None,
    "application_fee_percent": None,
    "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
    "billing_cycle_anchor_config": None,
    "billing_schedules": [],
    "billing_thresholds": None,
    "customer_account": None,
    "default_source": None,
    "default_tax_rates": [],
    "invoice_settings": {"account_tax_ids": None, "issuer": {"type": "self"}},
    "livemode": False,
    "next_pending_invoice_item_invoice": None,
    "on_behalf_of": None,
    "payment_settings": {
        "payment_method_options": None,
        "payment_method_types": None,
        "save_default_payment_method": "off",
    },
    "pending_invoice_item_interval": None,
    "pending_setup_intent": None,
    "pending_update": None,
    "schedule": None,
    "test_clock": None,
    "transfer_data": None,
    "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
}

_BILLING_MODE = {"flexible": {"proration_discounts": "included"}, "type": "flexible"}


def render_subscription(account: SandboxAccount, sub: Subscription) -> dict[str, Any]:
    """Renders a subscription (docs.stripe.com/api/subscriptions/object)."""
    return {
        "id": sub.id,
        "object": "subscription",
        **_SAME,
        "billing_cycle_anchor": sub.trial_end or sub.created,
        "billing_mode": {**_BILLING_MODE, "updated_at": sub.created},
        "cancel_at": sub.cancel_at,
        "cancel_at_period_end": sub.cancel_at_period_end,
        "canceled_at": sub.canceled_at,
        "cancellation_details": _cancellation(sub),
        "collection_method": "charge_automatically" if sub.days_until_due is None else "send_invoice",
        "created": sub.created,
        "currency": sub.currency,
        "customer": sub.customer,
        "days_until_due": sub.days_until_due,
        "default_payment_method": sub.default_payment_method,
        "description": sub.description,
        "discounts": [sub.discount] if sub.discount else [],
        "ended_at": sub.ended_at,
        "items": {
            "object": "list",
            "data": [render_item(account, item) for item in sub.items],
            "has_more": False,
            "total_count": len(sub.items),
            "url": f"/v1/subscription_items?subscription={sub.id}",
        },
        "latest_invoice": sub.latest_invoice,
        "metadata": sub.metadata,
        "pause_collection": _pause_collection(sub),
        "start_date": sub.created,
        "status": sub.status,
        "status_details": _status_details(sub),
        "trial_end": sub.trial_end,
        "trial_start": None if sub.trial_end is None else sub.created,
    }


def render_item(account: SandboxAccount, item: SubscriptionItem) -> dict[str, Any]:
    """Renders a subscription item (docs.stripe.com/api/subscription_items/object)."""
    price = account.prices[item.price]
    return {
        "id": item.id,
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": item.created,
        "current_period_end": item.period_end,
        "current_period_start": item.period_start,
        "discounts": [],
        "metadata": item.metadata,
        "plan": render_plan(price),
        "price": render_price(account, price),
        "quantity": item.quantity,
        "subscription": item.subscription,
        "tax_rates": [],
    }


def _cancellation(sub: Subscription) -> dict[str, Any]:
    return {"comment": sub.cancel_comment, "feedback": sub.cancel_feedback, "reason": sub.cancel_reason}


def _pause_collection(sub: Subscription) -> dict[str, Any] | None:
    if sub.pause_behavior is None:
        return None
    return {"behavior": sub.pause_behavior, "resumes_at": sub.pause_resumes_at}


def _status_details(sub: Subscription) -> dict[str, Any] | None:
    if sub.status != "paused":
        return None
    return {
        "paused": {
            "subscription": {"type": "pause_requested"},
            "transitioned_at": sub.paused_at,
            "type": "subscription",
        }
    }

"""Rendering of early fraud warnings and reviews."""

from typing import Any

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import EarlyFraudWarning, Review


def render_warning(_: SandboxAccount, warning: EarlyFraudWarning) -> dict[str, Any]:
    """Renders an early fraud warning (docs.stripe.com/api/radar/early_fraud_warnings/object)."""
    return {
        "id": warning.id,
        "object": "radar.early_fraud_warning",
        "actionable": warning.actionable,
        "charge": warning.charge,
        "created": warning.created,
        "fraud_type": warning.fraud_type,
        "livemode": False,
        "payment_intent": warning.payment_intent,
    }


def render_review(_: SandboxAccount, review: Review) -> dict[str, Any]:
    """Renders a review (docs.stripe.com/api/radar/reviews/object)."""
    return {
        "id": review.id,
        "object": "review",
        "billing_zip": None,
        "charge": review.charge,
        "closed_reason": review.closed_reason,
        "created": review.created,
        "ip_address": None,
        "ip_address_location": None,
        "livemode": False,
        "open": review.closed_reason is None,
        "opened_reason": review.opened_reason,
        "payment_intent": review.payment_intent,
        "reason": review.closed_reason or review.opened_reason,
        "session": None,
    }

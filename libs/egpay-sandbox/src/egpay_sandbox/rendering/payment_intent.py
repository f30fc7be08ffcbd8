"""Rendering of payment intents; since basil they do not mention their invoice."""

from typing import Any

from egpay_sandbox.rendering.customer import render_shipping
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import PaymentIntent

# Fields that are the same on every intent of this account.
_SAME: dict[str, Any] = {
    "amount_capturable": 0,
    "amount_details": {"tip": {}},
    "application": None,
    "application_fee_amount": None,
    "automatic_payment_methods": None,
    "confirmation_method": "automatic",
    "customer_account": None,
    "excluded_payment_method_types": None,
    "livemode": False,
    "on_behalf_of": None,
    "payment_method_configuration_details": None,
    "payment_method_types": ["card", "sepa_debit"],
    "processing": None,
    "receipt_email": None,
    "review": None,
    "source": None,
    "statement_descriptor": None,
    "statement_descriptor_suffix": None,
    "transfer_data": None,
    "transfer_group": None,
}


def render_payment_intent(_: SandboxAccount, intent: PaymentIntent) -> dict[str, Any]:
    """Renders a payment intent (docs.stripe.com/api/payment_intents/object)."""
    return {
        "id": intent.id,
        "object": "payment_intent",
        **_SAME,
        "amount": intent.amount,
        "amount_received": intent.amount if intent.status == "succeeded" else 0,
        "canceled_at": intent.canceled_at,
        "cancellation_reason": None if intent.canceled_at is None else "automatic",
        "capture_method": "automatic_async" if intent.order_reference is None else "automatic",
        "client_secret": intent.secret,
        "created": intent.created,
        "currency": intent.currency,
        "customer": intent.customer,
        "description": intent.description,
        "last_payment_error": _error(intent),
        "latest_charge": intent.latest_charge,
        "metadata": intent.metadata,
        "next_action": _next_action(intent),
        "payment_details": {"customer_reference": None, "order_reference": intent.order_reference},
        "payment_method": intent.payment_method,
        "payment_method_options": _options(),
        "setup_future_usage": "off_session" if intent.off_session else None,
        "shipping": render_shipping(intent.shipping, parcel=True),
        "status": intent.status,
    }


def _options() -> dict[str, Any]:
    card = {"installments": None, "mandate_options": None, "network": None}
    return {"card": {**card, "request_three_d_secure": "automatic"}, "sepa_debit": {}}


def _next_action(intent: PaymentIntent) -> dict[str, Any] | None:
    if intent.status != "requires_action":
        return None
    return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}


def _error(intent: PaymentIntent) -> dict[str, Any] | None:
    if intent.error is None:
        return None
    card = intent.means == "card"
    return {
        "charge": intent.latest_charge,
        "code": "card_declined" if card else "payment_intent_payment_attempt_failed",
        "decline_code": "generic_decline" if card else None,
        "doc_url": "https://docs.stripe.com/error-codes/card-declined",
        "message": intent.error,
        "type": "card_error" if card else "invalid_request_error",
    }

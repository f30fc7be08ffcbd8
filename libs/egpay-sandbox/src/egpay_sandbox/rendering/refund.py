"""Rendering of refunds."""

from typing import Any

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import Refund

_MONTH = 30 * 24 * 3600


def render_refund(_: SandboxAccount, refund: Refund) -> dict[str, Any]:
    """Renders a refund (docs.stripe.com/api/refunds/object)."""
    card: dict[str, Any] = {"reference_status": "pending", "type": "refund"}
    if refund.referenced:
        card = {"reference": "74612345678901234567890", "reference_status": "available", "type": "refund"}
    return {
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "balance_transaction": None if refund.status == "requires_action" else refund.balance_transaction,
        "charge": refund.charge,
        "created": refund.created,
        "currency": refund.currency,
        "destination_details": {
            "card": {**card, "reference_type": "acquirer_reference_number"},
            "type": "card",
        },
        "metadata": refund.metadata,
        "payment_intent": refund.payment_intent,
        "reason": refund.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": refund.status,
        "transfer_reversal": None,
        **_progress(refund),
    }


def _progress(refund: Refund) -> dict[str, Any]:
    """Renders the fields that only a refund of this status has."""
    match refund.status:
        case "pending":
            return {"pending_reason": "processing"}
        case "requires_action":
            sent = {
                "email_sent_at": refund.created,
                "email_sent_to": refund.instructions_email or "buyer@example.com",
            }
            details = {"email_sent": sent, "expires_at": refund.created + _MONTH}
            action = {"display_details": details, "type": "display_details"}
            return {"instructions_email": refund.instructions_email, "next_action": action}
        case "failed":
            return {
                "failure_balance_transaction": f"{refund.balance_transaction}f",
                "failure_reason": refund.failure,
            }
        case _:
            return {}

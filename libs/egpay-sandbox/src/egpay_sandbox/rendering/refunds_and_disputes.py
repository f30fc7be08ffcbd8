"""Rendering of refunds and disputes."""

from typing import Any

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import Dispute, Refund

_WEEK = 7 * 24 * 3600
_EVIDENCE = (
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
)


def render_refund(_: SandboxAccount, refund: Refund) -> dict[str, Any]:
    """Renders a refund (docs.stripe.com/api/refunds/object)."""
    card: dict[str, Any] = {"reference_status": "pending", "type": "refund"}
    if refund.referenced:
        card = {"reference": "74612345678901234567890", "reference_status": "available", "type": "refund"}
    failed = {
        "failure_balance_transaction": f"{refund.balance_transaction}f",
        "failure_reason": refund.failure,
    }
    return {
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "balance_transaction": refund.balance_transaction,
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
        "status": "failed" if refund.failure else "succeeded",
        "transfer_reversal": None,
        **(failed if refund.failure else {}),
    }


def render_dispute(_: SandboxAccount, dispute: Dispute) -> dict[str, Any]:
    """Renders a dispute (docs.stripe.com/api/disputes/object)."""
    return {
        "id": dispute.id,
        "object": "dispute",
        "amount": dispute.amount,
        "balance_transactions": [],
        "charge": dispute.charge,
        "created": dispute.created,
        "currency": dispute.currency,
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": dispute.created + _WEEK,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": dispute.payment_intent,
        "payment_method_details": {
            "card": {
                "brand": "visa",
                "case_type": "chargeback",
                "network": "visa",
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": dispute.reason,
        "status": dispute.status,
    }

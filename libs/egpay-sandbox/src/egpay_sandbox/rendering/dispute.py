"""Rendering of disputes with the money they moved."""

from typing import Any

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import Dispute, DisputeTransaction

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


def render_dispute(_: SandboxAccount, dispute: Dispute) -> dict[str, Any]:
    """Renders a dispute (docs.stripe.com/api/disputes/object)."""
    return {
        "id": dispute.id,
        "object": "dispute",
        "amount": dispute.amount,
        "balance_transactions": [_transaction(dispute, row) for row in dispute.transactions],
        "charge": dispute.charge,
        "created": dispute.created,
        "currency": dispute.currency,
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": dispute.due_by,
            "enhanced_eligibility": {},
            "has_evidence": dispute.submissions > 0,
            "past_due": False,
            "submission_count": dispute.submissions,
            "submission_method": "manual" if dispute.submissions else "not_submitted",
        },
        "is_charge_refundable": dispute.inquiry and dispute.open,
        "livemode": False,
        "metadata": dispute.metadata,
        "payment_intent": dispute.payment_intent,
        "payment_method_details": {
            "card": {
                "brand": "visa",
                "case_type": _case_type(dispute),
                "network": "visa",
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": dispute.reason,
        "status": dispute.status,
    }


def _case_type(dispute: Dispute) -> str:
    if dispute.status == "prevented":
        return "resolution"
    return "inquiry" if dispute.inquiry else "chargeback"


def _transaction(dispute: Dispute, row: DisputeTransaction) -> dict[str, Any]:
    """Renders a balance transaction (docs.stripe.com/api/balance_transactions/object)."""
    taken = row.amount < 0
    fee = {"amount": row.fee, "application": None, "currency": dispute.currency, "type": "stripe_fee"}
    return {
        "id": row.id,
        "object": "balance_transaction",
        "amount": row.amount,
        "available_on": row.created,
        "balance_type": "payments",
        "created": row.created,
        "currency": dispute.currency,
        "description": f"Chargeback {'withdrawal' if taken else 'reversal'} for {dispute.charge}",
        "exchange_rate": None,
        "fee": row.fee,
        "fee_details": [{**fee, "description": "Dispute fee"}] if row.fee else [],
        "net": row.amount - row.fee,
        "reporting_category": "dispute" if taken else "dispute_reversal",
        "source": dispute.id,
        "status": "available",
        "type": "adjustment",
    }

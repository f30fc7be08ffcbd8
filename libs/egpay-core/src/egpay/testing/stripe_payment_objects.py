"""Stripe objects about a payment after it was made, the same in every generation of the API."""

from typing import Any

Json = dict[str, Any]


def refund(_generation: object, **fields: Any) -> Json:
    """A failed refund."""
    rendered: Json = {
        "id": "re_one",
        "object": "refund",
        "amount": 12_900,
        "charge": "ch_one",
        "created": 1_700_000_000,
        "currency": "eur",
        "failure_reason": "expired_or_canceled_card",
        "metadata": {},
        "payment_intent": "pi_one",
        "reason": None,
        "status": "failed",
    }
    return rendered | fields


def dispute(_generation: object, **fields: Any) -> Json:
    """A dispute that has just been opened."""
    rendered: Json = {
        "id": "dp_one",
        "object": "dispute",
        "amount": 12_900,
        "charge": "ch_one",
        "payment_intent": "pi_one",
        "status": "needs_response",
        "metadata": {},
        "currency": "eur",
        "evidence_details": {"due_by": 1_700_604_800},
        "balance_transactions": [],
    }
    return rendered | fields


def fraud_warning(_generation: object, **fields: Any) -> Json:
    """An early fraud warning that can be acted upon."""
    rendered: Json = {
        "id": "issfr_one",
        "object": "radar.early_fraud_warning",
        "actionable": True,
        "charge": "ch_one",
        "fraud_type": "made_with_stolen_card",
        "payment_intent": "pi_one",
    }
    return rendered | fields


def review(_generation: object, **fields: Any) -> Json:
    """A review that has just been opened."""
    rendered: Json = {
        "id": "prv_one",
        "object": "review",
        "charge": "ch_one",
        "closed_reason": None,
        "open": True,
        "opened_reason": "rule",
        "payment_intent": "pi_one",
        "reason": "rule",
    }
    return rendered | fields


def invoice_payment(_generation: object, **fields: Any) -> Json:
    """A payment intent that paid an invoice (since 2025-03-31.basil)."""
    rendered: Json = {
        "id": "inpay_one",
        "object": "invoice_payment",
        "amount_paid": 12_900,
        "currency": "eur",
        "invoice": "in_one",
        "payment": {"type": "payment_intent", "payment_intent": "pi_one"},
        "status": "paid",
    }
    return rendered | fields


def credit_note(_generation: object, **fields: Any) -> Json:
    """A credit note whose amount went out of band."""
    rendered: Json = {
        "id": "cn_one",
        "object": "credit_note",
        "amount": 500,
        "currency": "eur",
        "customer_balance_transaction": None,
        "invoice": "in_one",
        "out_of_band_amount": 500,
        "post_payment_amount": 500,
        "pre_payment_amount": 0,
        "refunds": [],
        "status": "issued",
        "type": "post_payment",
    }
    return rendered | fields

"""Rendering of credit notes."""

from typing import Any

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import CreditNote


def render_credit_note(account: SandboxAccount, note: CreditNote) -> dict[str, Any]:
    """Renders a credit note (docs.stripe.com/api/credit_notes/object)."""
    totals = ("amount", "subtotal", "subtotal_excluding_tax", "total", "total_excluding_tax")
    return {
        "id": note.id,
        "object": "credit_note",
        **dict.fromkeys(totals, note.amount),
        "amount_shipping": 0,
        "created": note.created,
        "currency": note.currency,
        "customer": note.customer,
        "customer_account": None,
        "customer_balance_transaction": None,
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": note.created,
        "invoice": note.invoice,
        "lines": _lines(note),
        "livemode": False,
        "memo": None,
        "metadata": {},
        "number": note.number,
        "out_of_band_amount": None if note.prepaid else note.amount,
        "pdf": f"{account.settings.public_url}/credit_notes/{note.id}/pdf",
        "post_payment_amount": 0 if note.prepaid else note.amount,
        "pre_payment_amount": note.amount if note.prepaid else 0,
        "pretax_credit_amounts": [],
        "reason": None,
        "refunds": [],
        "shipping_cost": None,
        "status": note.status,
        "total_taxes": [],
        "type": "pre_payment" if note.prepaid else "post_payment",
        "voided_at": note.voided_at,
    }


def _lines(note: CreditNote) -> dict[str, Any]:
    line = {
        "id": f"cnli_{note.id.removeprefix('cn_')}",
        "object": "credit_note_line_item",
        "amount": note.amount,
        "description": "Credit",
        "discount_amount": 0,
        "discount_amounts": [],
        "invoice_line_item": None,
        "livemode": False,
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity": 1,
        "tax_rates": [],
        "taxes": [],
        "type": "custom_line_item",
        "unit_amount": note.amount,
        "unit_amount_decimal": str(note.amount),
    }
    return {
        "object": "list",
        "data": [line],
        "has_more": False,
        "total_count": 1,
        "url": f"/v1/credit_notes/{note.id}/lines",
    }

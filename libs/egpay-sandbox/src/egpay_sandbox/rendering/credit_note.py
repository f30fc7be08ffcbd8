"""Rendering of credit notes and customer balance transactions."""

from typing import Any

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import CreditNote, CreditNoteLine, CustomerBalanceTransaction


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
        "customer_balance_transaction": note.balance_transaction,
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": note.created,
        "invoice": note.invoice,
        "lines": _lines(note),
        "livemode": False,
        "memo": note.memo,
        "metadata": note.metadata,
        "number": note.number,
        "out_of_band_amount": note.out_of_band or None,
        "pdf": f"{account.settings.public_url}/credit_notes/{note.id}/pdf",
        "post_payment_amount": 0 if note.prepaid else note.amount,
        "pre_payment_amount": note.amount if note.prepaid else 0,
        "pretax_credit_amounts": [],
        "reason": note.reason,
        "refunds": [_refund(row.refund, row.amount) for row in note.refunds],
        "shipping_cost": None,
        "status": note.status,
        "total_taxes": [],
        "type": "pre_payment" if note.prepaid else "post_payment",
        "voided_at": note.voided_at,
    }


def render_credit_note_line(line: CreditNoteLine) -> dict[str, Any]:
    """Renders a line (docs.stripe.com/api/credit_notes/line_item)."""
    whole = line.amount % line.quantity == 0
    return {
        "id": line.id,
        "object": "credit_note_line_item",
        "amount": line.amount,
        "description": line.description,
        "discount_amount": 0,
        "discount_amounts": [],
        "invoice_line_item": line.invoice_line_item,
        "livemode": False,
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity": line.quantity,
        "tax_rates": [],
        "taxes": [],
        "type": "invoice_line_item" if line.invoice_line_item else "custom_line_item",
        "unit_amount": line.amount // line.quantity if whole else None,
        "unit_amount_decimal": str(line.amount / line.quantity),
    }


def render_balance_transaction(_: SandboxAccount, row: CustomerBalanceTransaction) -> dict[str, Any]:
    """Renders a change of a balance (docs.stripe.com/api/customer_balance_transactions/object)."""
    return {
        "id": row.id,
        "object": "customer_balance_transaction",
        "amount": row.amount,
        "checkout_session": None,
        "created": row.created,
        "credit_note": row.credit_note,
        "currency": row.currency,
        "customer": row.customer,
        "customer_account": None,
        "description": row.description,
        "ending_balance": row.ending_balance,
        "invoice": row.invoice,
        "livemode": False,
        "metadata": row.metadata,
        "type": row.type,
    }


def _refund(refund: str, amount: int) -> dict[str, Any]:
    return {"amount_refunded": amount, "payment_record_refund": None, "refund": refund, "type": "refund"}


def _lines(note: CreditNote) -> dict[str, Any]:
    return {
        "object": "list",
        "data": [render_credit_note_line(line) for line in note.lines[:10]],
        "has_more": len(note.lines) > 10,
        "total_count": len(note.lines),
        "url": f"/v1/credit_notes/{note.id}/lines",
    }

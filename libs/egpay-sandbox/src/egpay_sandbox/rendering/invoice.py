"""Rendering of invoices: who owes is in `parent`, who paid is a separate object."""

from typing import Any

from egpay_sandbox.rendering.coupon import discount_amounts
from egpay_sandbox.rendering.customer import render_address, render_shipping
from egpay_sandbox.rendering.invoice_parts import render_invoice_line, render_parent
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import Invoice

# Fields that are the same on every invoice of this account (recorded 2026-03-25.dahlia).
_SAME: dict[str, Any] = {
    "account_country": "US",
    "account_name": "egpay sandbox",
    "account_tax_ids": None,
    "amount_overpaid": 0,
    "amount_shipping": 0,
    "application": None,
    "automatic_tax": {
        "disabled_reason": None,
        "enabled": False,
        "liability": None,
        "provider": None,
        "status": None,
    },
    "automatically_finalizes_at": None,
    "custom_fields": None,
    "customer_account": None,
    "customer_phone": None,
    "customer_tax_exempt": "none",
    "customer_tax_ids": [],
    "default_payment_method": None,
    "default_source": None,
    "default_tax_rates": [],
    "footer": None,
    "from_invoice": None,
    "issuer": {"type": "self"},
    "last_finalization_error": None,
    "latest_revision": None,
    "livemode": False,
    "on_behalf_of": None,
    "payment_settings": {
        "default_mandate": None,
        "payment_method_options": None,
        "payment_method_types": None,
    },
    "receipt_number": None,
    "rendering": None,
    "shipping_cost": None,
    "shipping_details": None,
    "statement_descriptor": None,
    "test_clock": None,
    "total_pretax_credit_amounts": [],
    "total_taxes": [],
}
_LINES_SHOWN = 10


def render_invoice(account: SandboxAccount, invoice: Invoice) -> dict[str, Any]:
    """Renders an invoice (docs.stripe.com/api/invoices/object); `payments` only when expanded."""
    page = f"{account.settings.public_url}/invoices/{invoice.id}" if invoice.number else None
    return {
        "id": invoice.id,
        "object": "invoice",
        **_SAME,
        **_amounts(invoice),
        "attempt_count": invoice.attempt_count,
        "attempted": invoice.attempt_count > 0,
        "auto_advance": invoice.next_payment_attempt is not None,
        "billing_reason": invoice.billing_reason,
        "collection_method": "charge_automatically" if invoice.due_date is None else "send_invoice",
        "created": invoice.created,
        "currency": invoice.currency,
        "customer": invoice.customer,
        "customer_address": render_address(invoice.customer_address),
        "customer_email": invoice.customer_email,
        "customer_name": invoice.customer_name,
        "customer_shipping": render_shipping(invoice.customer_shipping),
        "description": invoice.description,
        "discounts": [invoice.discount] if invoice.discount else [],
        "due_date": invoice.due_date,
        "effective_at": invoice.finalized_at,
        "hosted_invoice_url": page,
        "invoice_pdf": f"{page}/pdf" if page else None,
        "lines": render_lines(invoice),
        "metadata": invoice.metadata,
        "next_payment_attempt": invoice.next_payment_attempt,
        "number": invoice.number,
        "parent": render_parent(invoice),
        "period_end": invoice.period_end,
        "period_start": invoice.period_start,
        "status": invoice.status,
        "status_transitions": _transitions(invoice),
        "total_discount_amounts": discount_amounts(invoice.discount, invoice.discounted),
        "webhooks_delivered_at": invoice.finalized_at,
    }


def render_lines(invoice: Invoice) -> dict[str, Any]:
    """Renders the first ten lines, as on the invoice itself."""
    return {
        "object": "list",
        "data": [render_invoice_line(invoice, line) for line in invoice.lines[:_LINES_SHOWN]],
        "has_more": len(invoice.lines) > _LINES_SHOWN,
        "total_count": len(invoice.lines),
        "url": f"/v1/invoices/{invoice.id}/lines",
    }


def _amounts(invoice: Invoice) -> dict[str, int | None]:
    due, final = invoice.amount_due, invoice.finalized_at is not None
    paid = due if invoice.status == "paid" else 0
    return {
        "amount_due": due,
        "amount_paid": paid,
        "amount_remaining": due - paid,
        "ending_balance": (invoice.ending_balance or 0) if final else None,
        "post_payment_credit_notes_amount": invoice.credited_after,
        "pre_payment_credit_notes_amount": invoice.credited_before,
        "starting_balance": invoice.starting_balance,
        **dict.fromkeys(("subtotal", "subtotal_excluding_tax"), invoice.subtotal),
        **dict.fromkeys(("total", "total_excluding_tax"), invoice.total),
    }


def _transitions(invoice: Invoice) -> dict[str, int | None]:
    return {
        "finalized_at": invoice.finalized_at,
        "marked_uncollectible_at": invoice.uncollectible_at,
        "paid_at": invoice.paid_at,
        "voided_at": invoice.voided_at,
    }

"""Rendering of an invoice's parts: its lines, its payments, the items it took up."""

from typing import Any

from egpay_sandbox.rendering.coupon import discount_amounts
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import Invoice, InvoiceItem, InvoiceLine, InvoicePayment


def render_parent(invoice: Invoice) -> dict[str, Any] | None:
    """Renders who owes: a subscription with the metadata it had then, or None for any other invoice."""
    if invoice.subscription is None:
        return None
    return {
        "quote_details": None,
        "subscription_details": {
            "metadata": invoice.subscription_metadata,
            "subscription": invoice.subscription,
        },
        "type": "subscription_details",
    }


def render_invoice_line(invoice: Invoice, line: InvoiceLine) -> dict[str, Any]:
    """Renders an invoice line (docs.stripe.com/api/invoice-line-item/object)."""
    return {
        "id": line.id,
        "object": "line_item",
        "amount": line.amount,
        "currency": invoice.currency,
        "description": line.description,
        "discount_amounts": discount_amounts(invoice.discount, line.discount),
        "discountable": True,
        "discounts": [],
        "invoice": invoice.id,
        "livemode": False,
        "metadata": line.metadata,
        "parent": _line_parent(line),
        "period": {"end": line.period_end, "start": line.period_start},
        "pretax_credit_amounts": [],
        "pricing": _pricing(line.price, line.product, line.unit_amount),
        "quantity": line.quantity,
        "quantity_decimal": str(line.quantity),
        "subtotal": line.amount,
        "taxes": [],
    }


def render_invoice_payment(_: SandboxAccount, payment: InvoicePayment) -> dict[str, Any]:
    """Renders an invoice payment (docs.stripe.com/api/invoice-payment/object)."""
    return {
        "id": payment.id,
        "object": "invoice_payment",
        "amount_paid": payment.amount if payment.status == "paid" else None,
        "amount_requested": payment.amount,
        "created": payment.created,
        "currency": payment.currency,
        "invoice": payment.invoice,
        "is_default": True,
        "livemode": False,
        "payment": _payment(payment),
        "status": payment.status,
        "status_transitions": {"canceled_at": None, "paid_at": payment.paid_at},
    }


def render_invoice_item(_: SandboxAccount, item: InvoiceItem) -> dict[str, Any]:
    """Renders an invoice item (docs.stripe.com/api/invoiceitems/object)."""
    return {
        "id": item.id,
        "object": "invoiceitem",
        "amount": item.unit_amount * item.quantity if item.prorated is None else item.prorated,
        "currency": item.currency,
        "customer": item.customer,
        "customer_account": None,
        "date": item.created,
        "description": item.description,
        "discountable": True,
        "discounts": [],
        "invoice": item.invoice,
        "livemode": False,
        "metadata": {},
        "parent": _item_parent(item),
        "period": {"end": item.period_end or item.created, "start": item.period_start or item.created},
        "pricing": _pricing(item.price, item.product, item.unit_amount),
        "proration": item.prorated is not None,
        "quantity": item.quantity,
        "quantity_decimal": str(item.quantity),
        "tax_rates": [],
        "test_clock": None,
    }


def _payment(payment: InvoicePayment) -> dict[str, Any]:
    if payment.payment_record is not None:
        return {"payment_record": payment.payment_record, "type": "payment_record"}
    return {"payment_intent": payment.payment_intent, "type": "payment_intent"}


def _pricing(price: str, product: str, unit_amount: int) -> dict[str, Any]:
    return {
        "price_details": {"price": price, "product": product},
        "type": "price_details",
        "unit_amount_decimal": str(unit_amount),
    }


def _item_parent(item: InvoiceItem) -> dict[str, Any] | None:
    if item.subscription_item is None:
        return None
    details = {"subscription": item.subscription, "subscription_item": item.subscription_item}
    return {"subscription_details": details, "type": "subscription_details"}


def _line_parent(line: InvoiceLine) -> dict[str, Any]:
    rest = {"proration": line.prorated is not None, "proration_details": {"credited_items": None}}
    if line.invoice_item is not None:
        details = {"invoice_item": line.invoice_item, **rest, "subscription": line.subscription}
        return {
            "invoice_item_details": details,
            "subscription_item_details": None,
            "type": "invoice_item_details",
        }
    details = {
        "invoice_item": None,
        **rest,
        "subscription": line.subscription,
        "subscription_item": line.subscription_item,
    }
    return {
        "invoice_item_details": None,
        "subscription_item_details": details,
        "type": "subscription_item_details",
    }

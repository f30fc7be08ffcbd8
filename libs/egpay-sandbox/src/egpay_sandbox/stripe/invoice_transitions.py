"""Invoice state transitions: finalized, linked to a payment, paid."""

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import (
    Invoice,
    InvoiceItem,
    InvoicePayment,
    PaymentIntent,
)


def finalize_invoice(account: SandboxAccount, draft: Invoice) -> Invoice:
    """Finalizes an invoice: numbers it and makes it immutable."""
    customer = account.customers.get(draft.customer)
    count = sum(1 for other in account.invoices if other.customer == draft.customer and other.number)
    prefix = customer.invoice_prefix if customer else draft.id[-8:].upper()
    return msgspec.structs.replace(
        draft, status="open", number=f"{prefix}-{count + 1:04}", finalized_at=account.clock.now()
    )


def mark_invoice_paid(account: SandboxAccount, invoice: Invoice) -> Invoice:
    """Marks an invoice as paid; `attempt_count` counts the attempt that succeeded."""
    return msgspec.structs.replace(
        invoice,
        status="paid",
        paid_at=account.clock.now(),
        attempt_count=invoice.attempt_count + 1,
        next_payment_attempt=None,
    )


def link_invoice_payment(account: SandboxAccount, invoice: Invoice, intent: PaymentIntent) -> InvoicePayment:
    """Links an invoice to the intent that is to pay it."""
    return account.invoice_payments.store(
        InvoicePayment(
            id=new_id("inpay"),
            created=account.clock.now(),
            invoice=invoice.id,
            payment_intent=intent.id,
            amount=invoice.amount_due,
            currency=invoice.currency,
            status="open",
        )
    )


def mark_invoice_payment_paid(account: SandboxAccount, invoice: Invoice) -> None:
    """Marks the link as paid and schedules `invoice_payment.paid` some seconds later."""
    for link in account.invoice_payments:
        if link.invoice == invoice.id and link.status == "open":
            account.invoice_payments.store(
                msgspec.structs.replace(link, status="paid", paid_at=account.clock.now())
            )
            account.schedule("tell_invoice_payment", link.id)


def invoice_items(account: SandboxAccount, invoice: Invoice) -> list[InvoiceItem]:
    """Lists the one-time charges that an invoice took up."""
    return [
        InvoiceItem(
            id=line.invoice_item,
            created=account.clock.now(),
            customer=invoice.customer or "",
            invoice=invoice.id,
            price=line.price,
            product=line.product,
            currency=invoice.currency,
            unit_amount=line.unit_amount,
            quantity=line.quantity,
            description=line.description,
            subscription=line.subscription,
        )
        for line in invoice.lines
        if line.invoice_item is not None
    ]

"""Post-purchase invoice of a one-time purchase, created once the money is there."""

import msgspec

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.invoice_drafts import draft_post_purchase_invoice
from egpay_sandbox.stripe.invoice_transitions import (
    finalize_invoice,
    link_invoice_payment,
    mark_invoice_paid,
    mark_invoice_payment_paid,
)
from egpay_sandbox.stripe.objects import CheckoutSession, PaymentIntent


def create_post_purchase_invoice(
    account: SandboxAccount, session: CheckoutSession, intent: PaymentIntent
) -> None:
    """Creates the invoice if the session asked for one; the completed event came without it."""
    if not session.invoice_creation:
        return
    draft = draft_post_purchase_invoice(account, session, account.customers.get(session.customer))
    final = finalize_invoice(account, draft)
    invoice = account.invoices.store(mark_invoice_paid(account, final))
    account.sessions.store(msgspec.structs.replace(session, invoice=invoice.id))
    link_invoice_payment(account, invoice, intent)
    account.emit("invoice.created", draft)
    account.emit("invoice.finalized", final)
    account.emit("invoice.paid", invoice)
    account.emit("invoice.payment_succeeded", invoice)
    mark_invoice_payment_paid(account, invoice)

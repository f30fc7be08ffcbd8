"""A one-time purchase gets its invoice once the money is there."""

import msgspec

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.invoice_drafts import purchase_invoice
from egpay_sandbox.stripe.invoice_transitions import finalized, link_payment, mark_link_paid, paid
from egpay_sandbox.stripe.objects import CheckoutSession, PaymentIntent


def invoice_afterwards(account: SandboxAccount, session: CheckoutSession, intent: PaymentIntent) -> None:
    """The post-purchase invoice, when the session asked for one; the completed event came without it."""
    if not session.invoice_creation:
        return
    draft = purchase_invoice(account, session, account.customers.get(session.customer))
    final = finalized(account, draft)
    invoice = account.invoices.put(paid(account, final))
    account.sessions.put(msgspec.structs.replace(session, invoice=invoice.id))
    link_payment(account, invoice, intent)
    account.tell("invoice.created", draft)
    account.tell("invoice.finalized", final)
    account.tell("invoice.paid", invoice)
    account.tell("invoice.payment_succeeded", invoice)
    mark_link_paid(account, invoice)

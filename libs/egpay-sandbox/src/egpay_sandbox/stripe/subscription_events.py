"""How a new subscription is told: the order of real logs, in which no `updated` ever follows `created`."""

from egpay_sandbox.stripe import invoice_transitions
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import Event
from egpay_sandbox.stripe.subscription_purchase import StartedSubscription


def tell_beginning(account: SandboxAccount, begun: StartedSubscription) -> Event:
    """Tell it all; the answer is the `checkout.session.completed` event.

    A new customer's order is that of 2025-09-20, a known one's that of 2025-10-08 (STRIPE.md section 5b);
    `invoiceitem.created` of a mixed cart comes last (2026-04).
    """
    _tell_charge(account, begun)
    account.tell("payment_method.attached", begun.method)
    if begun.is_new:
        account.tell("customer.created", begun.customer_was)
        account.tell("customer.updated", begun.customer, begun.customer_was)
        told = account.tell("checkout.session.completed", begun.session)
    else:
        told = account.tell("checkout.session.completed", begun.session)
        account.tell("customer.updated", begun.customer, begun.customer_was)
    account.tell("customer.subscription.created", begun.subscription)
    _tell_intent(account, begun)
    account.tell("invoice.created", begun.draft)
    account.tell("invoice.finalized", begun.final)
    if begun.invoice.status == "paid":
        account.tell("invoice.paid", begun.invoice)
        account.tell("invoice.payment_succeeded", begun.invoice)
        invoice_transitions.mark_link_paid(account, begun.invoice)
    for item in invoice_transitions.invoice_items(account, begun.invoice):
        account.tell("invoiceitem.created", item)
    return told


def _tell_charge(account: SandboxAccount, begun: StartedSubscription) -> None:
    if begun.money is not None:
        succeeded = begun.money.charge.status == "succeeded"
        account.tell("charge.succeeded" if succeeded else "charge.pending", begun.money.charge)


def _tell_intent(account: SandboxAccount, begun: StartedSubscription) -> None:
    if begun.money is None:
        return
    succeeded = begun.money.charge.status == "succeeded"
    now = ("payment_intent.succeeded" if succeeded else "payment_intent.processing", begun.money.intent)
    created = ("payment_intent.created", begun.money.before)
    for event_type, intent in (created, now) if begun.is_new else (now, created):
        account.tell(event_type, intent)

"""Events of a new subscription in the order of real logs, where no `updated` ever follows `created`."""

from egpay_sandbox.stripe import invoice_transitions
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import Event
from egpay_sandbox.stripe.subscription_purchase import StartedSubscription


def emit_subscription_started(account: SandboxAccount, started: StartedSubscription) -> Event:
    """Emits all events; returns `checkout.session.completed`.

    A new customer's order is that of 2025-09-20, an existing one's that of 2025-10-08 (STRIPE.md section 5b);
    `invoiceitem.created` of a mixed cart comes last (2026-04).
    """
    _emit_charge(account, started)
    account.emit("payment_method.attached", started.method)
    if started.is_new:
        account.emit("customer.created", started.customer_before)
        account.emit("customer.updated", started.customer, started.customer_before)
        event = account.emit("checkout.session.completed", started.session)
    else:
        event = account.emit("checkout.session.completed", started.session)
        account.emit("customer.updated", started.customer, started.customer_before)
    account.emit("customer.subscription.created", started.subscription)
    _emit_payment_intent(account, started)
    account.emit("invoice.created", started.draft)
    account.emit("invoice.finalized", started.final)
    if started.invoice.status == "paid":
        account.emit("invoice.paid", started.invoice)
        account.emit("invoice.payment_succeeded", started.invoice)
        invoice_transitions.mark_invoice_payment_paid(account, started.invoice)
    for item in invoice_transitions.invoice_items(account, started.invoice):
        account.emit("invoiceitem.created", item)
    return event


def _emit_charge(account: SandboxAccount, started: StartedSubscription) -> None:
    if started.attempt is not None:
        succeeded = started.attempt.charge.status == "succeeded"
        account.emit("charge.succeeded" if succeeded else "charge.pending", started.attempt.charge)


def _emit_payment_intent(account: SandboxAccount, started: StartedSubscription) -> None:
    if started.attempt is None:
        return
    succeeded = started.attempt.charge.status == "succeeded"
    now = ("payment_intent.succeeded" if succeeded else "payment_intent.processing", started.attempt.intent)
    created = ("payment_intent.created", started.attempt.before)
    for event_type, intent in (created, now) if started.is_new else (now, created):
        account.emit(event_type, intent)

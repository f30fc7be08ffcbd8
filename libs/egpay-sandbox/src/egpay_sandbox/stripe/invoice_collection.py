"""Collection of a subscription's invoice: paid, declined, or waiting for the customer to confirm."""

from typing import Literal

import msgspec

from egpay_sandbox.stripe import invoice_transitions
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.charges import attempt_charge, new_payment_intent, new_payment_method
from egpay_sandbox.stripe.objects import Invoice, PaymentIntent, Subscription
from egpay_sandbox.stripe.requests.billing import SubscriptionCancel
from egpay_sandbox.stripe.subscription_lifecycle import cancel_subscription
from egpay_sandbox.stripe.subscriptions import ENDED_STATUSES, store_if_changed

RenewalOutcome = Literal["succeeded", "failed", "requires_action"]

_RETRY_DAYS = 3


def bill_invoice(account: SandboxAccount, invoice: Invoice, outcome: RenewalOutcome) -> Subscription:
    """Collects a finalized invoice, or sends it (`invoice.sent`) when it is to be paid by its due date."""
    if invoice.due_date is None or invoice.amount_due == 0:
        return collect_invoice(account, invoice, outcome)
    account.schedule("invoice_overdue", invoice.id, at=invoice.due_date)
    account.emit("invoice.sent", invoice)
    return account.subscriptions[invoice.subscription or ""]


def emit_overdue(account: SandboxAccount, invoice_id: str) -> None:
    """Emits `invoice.overdue` for an invoice still open on its due date; its subscription is past due."""
    invoice = account.invoices[invoice_id]
    if invoice.status != "open":
        return
    account.emit("invoice.overdue", invoice)
    sub = account.subscriptions[invoice.subscription or ""]
    if sub.status == "active":
        store_if_changed(account, msgspec.structs.replace(sub, status="past_due"), sub)


def collect_invoice(account: SandboxAccount, invoice: Invoice, outcome: RenewalOutcome) -> Subscription:
    """Attempts once to collect an open invoice; one that asks for nothing is paid without a payment."""
    sub = account.subscriptions[invoice.subscription or ""]
    if invoice.amount_due == 0:
        return _paid(account, invoice, sub)
    intent, first = _intent(account, invoice)
    if outcome == "requires_action":
        _require_action(account, intent, first=first)
        return _failed(account, invoice, sub, "invoice.payment_action_required", "invoice.payment_failed")
    method = account.payment_methods.get(sub.default_payment_method) or new_payment_method(
        account, "card", invoice.customer_email, invoice.customer_name, invoice.customer
    )
    attempt = attempt_charge(account, intent, method, outcome)
    account.emit(f"charge.{outcome}", attempt.charge)
    done = "succeeded" if outcome == "succeeded" else "payment_failed"
    account.emit(f"payment_intent.{done}", attempt.intent)
    if first:
        account.emit("payment_intent.created", attempt.before)
    if outcome == "succeeded":
        return _paid(account, invoice, sub)
    return _failed(account, invoice, sub, "invoice.payment_failed")


def _paid(account: SandboxAccount, invoice: Invoice, sub: Subscription) -> Subscription:
    invoice = account.invoices.store(invoice_transitions.mark_invoice_paid(account, invoice))
    account.emit("invoice.paid", invoice)
    account.emit("invoice.payment_succeeded", invoice)
    invoice_transitions.mark_invoice_payment_paid(account, invoice)
    if sub.status in (*ENDED_STATUSES, "trialing"):
        return sub
    return store_if_changed(account, msgspec.structs.replace(sub, status="active"), sub)


def _failed(account: SandboxAccount, invoice: Invoice, sub: Subscription, *event_types: str) -> Subscription:
    attempts = invoice.attempt_count + 1
    last = attempts >= account.settings.retries
    again = None if last else account.clock.now() + _RETRY_DAYS * 24 * 3600
    invoice = account.invoices.store(
        msgspec.structs.replace(invoice, attempt_count=attempts, next_payment_attempt=again)
    )
    for event_type in event_types:
        account.emit(event_type, invoice)
    if sub.status in (*ENDED_STATUSES, "incomplete"):
        return sub
    if not last:
        return store_if_changed(account, msgspec.structs.replace(sub, status="past_due"), sub)
    if account.settings.after_last_retry == "canceled":
        return cancel_subscription(account, SubscriptionCancel(), sub.id, reason="payment_failed")
    return store_if_changed(
        account, msgspec.structs.replace(sub, status=account.settings.after_last_retry), sub
    )


def _require_action(account: SandboxAccount, intent: PaymentIntent, *, first: bool) -> None:
    """Asks the customer to confirm (3-D Secure): no charge is made until they do."""
    waiting = account.payment_intents.store(msgspec.structs.replace(intent, status="requires_action"))
    account.emit("payment_intent.requires_action", waiting)
    if first:
        account.emit("payment_intent.created", intent)


def _intent(account: SandboxAccount, invoice: Invoice) -> tuple[PaymentIntent, bool]:
    """Returns the one intent of an invoice, however often it is tried, and whether it is new."""
    for link in account.invoice_payments:
        if link.invoice == invoice.id and link.payment_intent is not None:
            intent = account.payment_intents[link.payment_intent]
            return msgspec.structs.replace(intent, amount=invoice.amount_due), False
    intent = msgspec.structs.replace(
        new_payment_intent(account, invoice.amount_due, invoice.currency),
        customer=invoice.customer,
        description="Subscription update",
        off_session=True,
        order_reference=invoice.id,
    )
    invoice_transitions.link_invoice_payment(account, invoice, intent)
    return intent, True

"""Bank debits: days later the bank reports that the money came, or that it did not."""

from typing import Literal

import msgspec

from egpay_sandbox.stripe import invoice_transitions
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import wrong_state
from egpay_sandbox.stripe.charges import settle_charge
from egpay_sandbox.stripe.objects import CheckoutSession, PaymentIntent, ScheduledJobKind
from egpay_sandbox.stripe.post_purchase_invoice import create_post_purchase_invoice

DebitOutcome = Literal["succeeded", "failed"]
_JOBS: dict[DebitOutcome, ScheduledJobKind] = {"succeeded": "debit_succeeds", "failed": "debit_fails"}


def schedule_debit(account: SandboxAccount, session_id: str, outcome: DebitOutcome) -> None:
    """Schedules the bank's answer for a moment later, where Stripe's takes days."""
    at = account.clock.exact() + account.settings.debit_delay
    account.schedule(_JOBS[outcome], session_id, at=at)


def settle_debit(account: SandboxAccount, session_id: str, outcome: DebitOutcome) -> CheckoutSession:
    """Settles the debit of a session that was completed unpaid."""
    session = get_or_404(account.sessions, session_id)
    intent = _pending_intent(account, session)
    attempt = settle_charge(account, intent, outcome)
    if outcome == "succeeded":
        session = account.sessions.store(msgspec.structs.replace(session, payment_status="paid"))
        account.emit("charge.succeeded", attempt.charge)
        account.emit("payment_intent.succeeded", attempt.intent)
        account.emit("checkout.session.async_payment_succeeded", session)
    else:
        account.emit("charge.failed", attempt.charge)
        account.emit("payment_intent.payment_failed", attempt.intent)
        account.emit("checkout.session.async_payment_failed", session)
    if session.mode == "subscription":
        _settle_invoice(account, session, outcome)
    elif outcome == "succeeded":
        create_post_purchase_invoice(account, session, attempt.intent)
    return account.sessions[session_id]


def _pending_intent(account: SandboxAccount, session: CheckoutSession) -> PaymentIntent:
    links = [link.payment_intent for link in account.invoice_payments if link.invoice == session.invoice]
    for intent_id in [session.payment_intent, *(links if session.invoice else [])]:
        intent = account.payment_intents.get(intent_id)
        if intent is not None and intent.status == "processing":
            return intent
    raise wrong_state("No bank debit is under way for this Checkout Session.")


def _settle_invoice(account: SandboxAccount, session: CheckoutSession, outcome: DebitOutcome) -> None:
    before = account.subscriptions[session.subscription or ""]
    invoice = account.invoices[session.invoice or ""]
    if outcome == "succeeded":
        invoice = account.invoices.store(
            msgspec.structs.replace(
                invoice_transitions.mark_invoice_paid(account, invoice), attempt_count=invoice.attempt_count
            )
        )
        account.emit("invoice.paid", invoice)
        account.emit("invoice.payment_succeeded", invoice)
        invoice_transitions.mark_invoice_payment_paid(account, invoice)
        after = msgspec.structs.replace(before, status="active")
    else:
        account.emit("invoice.payment_failed", invoice)
        lost = before.status == "incomplete"
        after = msgspec.structs.replace(before, status="incomplete_expired" if lost else "past_due")
        if lost:
            _void(account, invoice.id)
    if after != before and before.status != "canceled":
        account.subscriptions.store(after)
        account.emit("customer.subscription.updated", after, before)


def _void(account: SandboxAccount, invoice_id: str) -> None:
    void = msgspec.structs.replace(account.invoices[invoice_id], status="void", voided_at=account.clock.now())
    account.emit("invoice.voided", account.invoices.store(void))

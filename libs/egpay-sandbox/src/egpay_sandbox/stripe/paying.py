"""The buttons of the Checkout page: pay, pay by bank debit, be declined, and what the bank says days later."""

from typing import Literal

import msgspec

from egpay_sandbox.stripe import invoice_steps
from egpay_sandbox.stripe.account import Account, sought
from egpay_sandbox.stripe.buyers import Buyer
from egpay_sandbox.stripe.buying_once import buy_once, decline_once, invoice_afterwards
from egpay_sandbox.stripe.collecting import Attempt, settle
from egpay_sandbox.stripe.completing import payable
from egpay_sandbox.stripe.objects import CheckoutSession, Event, PaymentIntent
from egpay_sandbox.stripe.objects.payments import Means
from egpay_sandbox.stripe.refusals import wrong_state
from egpay_sandbox.stripe.subscribing import decline_subscription, subscribe
from egpay_sandbox.stripe.subscription_story import tell_beginning


def pay(account: Account, session_id: str, buyer: Buyer, means: Means) -> Event:
    """The buyer pays: at once by card, days later by debit. Answers the `completed` event."""
    session, buyer = payable(account, session_id, buyer)
    if session.mode == "payment":
        return buy_once(account, session, buyer, means)
    return tell_beginning(account, subscribe(account, session, buyer, means))


def decline(account: Account, session_id: str, buyer: Buyer) -> CheckoutSession:
    """The card is refused and the session stays open."""
    session, buyer = payable(account, session_id, buyer)
    if session.mode == "payment":
        decline_once(account, session, buyer)
    else:
        decline_subscription(account, session, buyer)
    return account.sessions[session_id]


def settle_debit(
    account: Account, session_id: str, outcome: Literal["succeeded", "failed"]
) -> CheckoutSession:
    """The bank answers for a session that was completed unpaid."""
    session = sought(account.sessions, session_id)
    intent = _pending_intent(account, session)
    money = settle(account, intent, outcome)
    if outcome == "succeeded":
        session = account.sessions.put(msgspec.structs.replace(session, payment_status="paid"))
        account.tell("charge.succeeded", money.charge)
        account.tell("payment_intent.succeeded", money.intent)
        account.tell("checkout.session.async_payment_succeeded", session)
    else:
        account.tell("charge.failed", money.charge)
        account.tell("payment_intent.payment_failed", money.intent)
        account.tell("checkout.session.async_payment_failed", session)
    if session.mode == "subscription":
        _settle_invoice(account, session, outcome)
    elif outcome == "succeeded":
        _invoice(account, session, money)
    return account.sessions[session_id]


def _pending_intent(account: Account, session: CheckoutSession) -> PaymentIntent:
    links = [link.payment_intent for link in account.invoice_payments if link.invoice == session.invoice]
    for intent_id in [session.payment_intent, *(links if session.invoice else [])]:
        intent = account.payment_intents.get(intent_id)
        if intent is not None and intent.status == "processing":
            return intent
    raise wrong_state("No bank debit is under way for this Checkout Session.")


def _settle_invoice(
    account: Account, session: CheckoutSession, outcome: Literal["succeeded", "failed"]
) -> None:
    before = account.subscriptions[session.subscription or ""]
    invoice = account.invoices[session.invoice or ""]
    if outcome == "succeeded":
        invoice = account.invoices.put(
            msgspec.structs.replace(invoice_steps.paid(account, invoice), attempt_count=invoice.attempt_count)
        )
        account.tell("invoice.paid", invoice)
        account.tell("invoice.payment_succeeded", invoice)
        invoice_steps.mark_link_paid(account, invoice)
        after = msgspec.structs.replace(before, status="active")
    else:
        account.tell("invoice.payment_failed", invoice)
        lost = before.status == "incomplete"
        after = msgspec.structs.replace(before, status="incomplete_expired" if lost else "past_due")
        if lost:
            _void(account, invoice.id)
    if after != before and before.status != "canceled":
        account.subscriptions.put(after)
        account.tell("customer.subscription.updated", after, before)


def _void(account: Account, invoice_id: str) -> None:
    void = msgspec.structs.replace(account.invoices[invoice_id], status="void", voided_at=account.clock.now())
    account.tell("invoice.voided", account.invoices.put(void))


def _invoice(account: Account, session: CheckoutSession, money: Attempt) -> None:
    invoice_afterwards(account, session, money.intent)

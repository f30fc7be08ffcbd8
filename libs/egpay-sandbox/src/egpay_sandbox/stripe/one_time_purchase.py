"""One-time purchase: pays for devices in the event order of Stripe's own logs (STRIPE.md section 5a)."""

import msgspec

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.buyer_details import BuyerDetails, PayingCustomer, resolve_customer
from egpay_sandbox.stripe.charges import ChargeAttempt, attempt_charge, new_payment_intent, new_payment_method
from egpay_sandbox.stripe.objects import CheckoutSession, Customer, Event, PaymentIntent
from egpay_sandbox.stripe.objects.payments import PaymentMethodType
from egpay_sandbox.stripe.post_purchase_invoice import create_post_purchase_invoice
from egpay_sandbox.stripe.session_completion import completed_session


def pay_one_time_session(
    account: SandboxAccount, session: CheckoutSession, buyer: BuyerDetails, means: PaymentMethodType
) -> Event:
    """Collects a `payment` session's total; returns its `checkout.session.completed` event."""
    paying = resolve_customer(account, session, buyer)
    customer, is_new = (paying.after, paying.is_new) if paying else (None, False)
    if session.amount_total == 0:
        return _complete_without_payment(account, session, buyer, paying)
    intent = _intent(account, session, customer, means)
    method = new_payment_method(account, means, buyer.email, buyer.name, intent.customer)
    attempt = attempt_charge(account, intent, method, "succeeded" if means == "card" else "pending")
    done = completed_session(account, session, buyer, "paid" if means == "card" else "unpaid")
    done = msgspec.structs.replace(done, payment_intent=intent.id, customer=intent.customer)
    account.sessions.store(done)
    _emit_payment_events(account, attempt, customer if is_new else None, first=session.payment_intent is None)
    event = _emit_completed(account, done, paying)
    if means == "card":
        create_post_purchase_invoice(account, done, attempt.intent)
    return event


def decline_one_time_session(account: SandboxAccount, session: CheckoutSession, buyer: BuyerDetails) -> None:
    """Declines the card: the session stays open, its intent waits for another payment method."""
    intent = _intent(account, session, account.customers.get(session.customer), "card")
    method = new_payment_method(account, "card", buyer.email, buyer.name)
    attempt = attempt_charge(account, intent, method, "failed")
    account.sessions.store(msgspec.structs.replace(session, payment_intent=intent.id))
    if session.payment_intent is None:
        account.emit("payment_intent.created", intent)
    account.emit("charge.failed", attempt.charge)
    account.emit("payment_intent.payment_failed", attempt.intent)


def _intent(
    account: SandboxAccount, session: CheckoutSession, customer: Customer | None, means: PaymentMethodType
) -> PaymentIntent:
    known = account.payment_intents.get(session.payment_intent)
    intent = known or msgspec.structs.replace(
        new_payment_intent(account, session.amount_total, session.currency),
        metadata=session.payment_metadata,
        description=session.payment_description,
        shipping=session.payment_shipping,
    )
    return msgspec.structs.replace(intent, customer=customer.id if customer else None, means=means)


def _emit_payment_events(
    account: SandboxAccount, attempt: ChargeAttempt, new_customer: Customer | None, *, first: bool
) -> None:
    succeeded = attempt.charge.status == "succeeded"
    account.emit("charge.succeeded" if succeeded else "charge.pending", attempt.charge)
    if new_customer is not None:
        account.emit("customer.created", new_customer)
    account.emit("payment_intent.succeeded" if succeeded else "payment_intent.processing", attempt.intent)
    if first:
        account.emit("payment_intent.created", attempt.before)


def _complete_without_payment(
    account: SandboxAccount,
    session: CheckoutSession,
    buyer: BuyerDetails,
    paying: PayingCustomer | None,
) -> Event:
    done = completed_session(account, session, buyer, "no_payment_required")
    done = msgspec.structs.replace(done, customer=paying.after.id if paying else None)
    account.sessions.store(done)
    if paying and paying.is_new:
        account.emit("customer.created", paying.after)
    return _emit_completed(account, done, paying)


def _emit_completed(account: SandboxAccount, done: CheckoutSession, paying: PayingCustomer | None) -> Event:
    event = account.emit("checkout.session.completed", done)
    if paying and paying.is_changed:
        account.emit("customer.updated", paying.after, paying.before)
    return event

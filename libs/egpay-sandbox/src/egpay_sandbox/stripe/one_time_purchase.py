"""A one-time purchase: money for devices, told in the order of Stripe's own logs (STRIPE.md section 5a)."""

import msgspec

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.buyer_details import BuyerDetails, customer_of
from egpay_sandbox.stripe.charges import ChargeAttempt, attempt, new_intent, new_method
from egpay_sandbox.stripe.objects import CheckoutSession, Customer, Event, PaymentIntent
from egpay_sandbox.stripe.objects.payments import PaymentMethodType
from egpay_sandbox.stripe.post_purchase_invoice import invoice_afterwards
from egpay_sandbox.stripe.session_completion import completed


def buy_once(
    account: SandboxAccount, session: CheckoutSession, buyer: BuyerDetails, means: PaymentMethodType
) -> Event:
    """Collect a `payment` session's total; the answer is its `checkout.session.completed` event."""
    customer, is_new = customer_of(account, session, buyer)
    if session.amount_total == 0:
        return _complete_for_nothing(account, session, buyer, customer, is_new=is_new)
    intent = _intent(account, session, customer, means)
    method = new_method(account, means, buyer.email, buyer.name, intent.customer)
    tried = attempt(account, intent, method, "succeeded" if means == "card" else "pending")
    done = completed(account, session, buyer, "paid" if means == "card" else "unpaid")
    done = msgspec.structs.replace(done, payment_intent=intent.id, customer=intent.customer)
    account.sessions.put(done)
    _tell_money(account, tried, customer if is_new else None, first=session.payment_intent is None)
    told = account.tell("checkout.session.completed", done)
    if means == "card":
        invoice_afterwards(account, done, tried.intent)
    return told


def decline_once(account: SandboxAccount, session: CheckoutSession, buyer: BuyerDetails) -> None:
    """The card is refused: the session stays open, its intent waits for another payment method."""
    intent = _intent(account, session, account.customers.get(session.customer), "card")
    method = new_method(account, "card", buyer.email, buyer.name)
    tried = attempt(account, intent, method, "failed")
    account.sessions.put(msgspec.structs.replace(session, payment_intent=intent.id))
    if session.payment_intent is None:
        account.tell("payment_intent.created", intent)
    account.tell("charge.failed", tried.charge)
    account.tell("payment_intent.payment_failed", tried.intent)


def _intent(
    account: SandboxAccount, session: CheckoutSession, customer: Customer | None, means: PaymentMethodType
) -> PaymentIntent:
    known = account.payment_intents.get(session.payment_intent)
    intent = known or msgspec.structs.replace(
        new_intent(account, session.amount_total, session.currency),
        metadata=session.payment_metadata,
        description=session.payment_description,
        shipping=session.payment_shipping,
    )
    return msgspec.structs.replace(intent, customer=customer.id if customer else None, means=means)


def _tell_money(
    account: SandboxAccount, tried: ChargeAttempt, new_customer: Customer | None, *, first: bool
) -> None:
    succeeded = tried.charge.status == "succeeded"
    account.tell("charge.succeeded" if succeeded else "charge.pending", tried.charge)
    if new_customer is not None:
        account.tell("customer.created", new_customer)
    account.tell("payment_intent.succeeded" if succeeded else "payment_intent.processing", tried.intent)
    if first:
        account.tell("payment_intent.created", tried.before)


def _complete_for_nothing(
    account: SandboxAccount,
    session: CheckoutSession,
    buyer: BuyerDetails,
    customer: Customer | None,
    *,
    is_new: bool,
) -> Event:
    done = completed(account, session, buyer, "no_payment_required")
    done = msgspec.structs.replace(done, customer=customer.id if customer else None)
    account.sessions.put(done)
    if customer is not None and is_new:
        account.tell("customer.created", customer)
    return account.tell("checkout.session.completed", done)

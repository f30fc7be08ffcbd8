"""Subscription purchase, with any devices on its first invoice (STRIPE.md section 5b and 5c)."""

from dataclasses import dataclass

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe import billing_periods, discounts, invoice_drafts, invoice_transitions
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.buyer_details import BuyerDetails, resolve_customer
from egpay_sandbox.stripe.charges import ChargeAttempt, attempt_charge, new_payment_intent, new_payment_method
from egpay_sandbox.stripe.customer_balances import apply_balance
from egpay_sandbox.stripe.objects import (
    CheckoutSession,
    Customer,
    Invoice,
    PaymentMethod,
    Subscription,
    SubscriptionItem,
)
from egpay_sandbox.stripe.objects.payments import PaymentMethodType
from egpay_sandbox.stripe.session_completion import PaymentStatus, attach_payment_method, completed_session
from egpay_sandbox.stripe.trials import schedule_trial_notice

_DAY = 24 * 3600


@dataclass(frozen=True, slots=True)
class StartedSubscription:
    """All objects of one paid subscription session, ready to be emitted in order."""

    session: CheckoutSession
    customer: Customer
    customer_before: Customer
    is_new: bool
    method: PaymentMethod
    subscription: Subscription
    draft: Invoice
    final: Invoice
    invoice: Invoice
    attempt: ChargeAttempt | None


def pay_subscription_session(
    account: SandboxAccount, session: CheckoutSession, buyer: BuyerDetails, means: PaymentMethodType
) -> StartedSubscription:
    """Collects a `subscription` session's first invoice; nothing of it existed before (since basil)."""
    paying = resolve_customer(account, session, buyer)
    assert paying is not None  # noqa: S101 - in this mode Checkout always makes a customer
    known = paying.after
    new_method = new_payment_method(account, means, buyer.email, buyer.name)
    method = attach_payment_method(account, new_method, known.id)
    customer = account.customers.store(
        msgspec.structs.replace(known, currency=session.currency, name=known.name or buyer.name)
    )
    subscription = _subscription(account, session, customer, method)
    draft = invoice_drafts.draft_first_invoice(account, session, subscription)
    final = apply_balance(account, invoice_transitions.finalize_invoice(account, draft))
    customer = account.customers[customer.id]
    attempt = _collect(account, final, method)
    settled = attempt is None or attempt.charge.status == "succeeded"
    invoice = account.invoices.store(_attempted(account, final, settled=settled))
    subscription = account.subscriptions.store(
        msgspec.structs.replace(subscription, latest_invoice=invoice.id)
    )
    done = completed_session(account, session, buyer, _payment_status(session, settled=settled))
    done = msgspec.structs.replace(
        done, customer=customer.id, subscription=subscription.id, invoice=invoice.id
    )
    return StartedSubscription(
        session=account.sessions.store(done),
        customer=customer,
        customer_before=msgspec.structs.replace(paying.before, balance=customer.balance),
        is_new=paying.is_new,
        method=method,
        subscription=subscription,
        draft=draft,
        final=final,
        invoice=invoice,
        attempt=attempt,
    )


def decline_subscription_session(
    account: SandboxAccount, session: CheckoutSession, buyer: BuyerDetails
) -> None:
    """Declines the card: since basil only a failed charge remains, no incomplete subscription."""
    intent = new_payment_intent(account, session.amount_total, session.currency)
    intent = msgspec.structs.replace(intent, customer=session.customer, off_session=True)
    attempt = attempt_charge(
        account, intent, new_payment_method(account, "card", buyer.email, buyer.name), "failed"
    )
    account.emit("payment_intent.created", intent)
    account.emit("charge.failed", attempt.charge)
    account.emit("payment_intent.payment_failed", attempt.intent)


def _subscription(
    account: SandboxAccount, session: CheckoutSession, customer: Customer, method: PaymentMethod
) -> Subscription:
    now, subscription_id = account.clock.now(), new_id("sub")
    trial_end = None if session.trial_days is None else now + session.trial_days * _DAY
    started = "active" if method.type == "card" else account.settings.pending_debit_subscription
    prices = [(account.prices[line.price], line.quantity) for line in session.lines]
    if trial_end is not None:
        schedule_trial_notice(account, subscription_id, trial_end)
    subscription = Subscription(
        id=subscription_id,
        created=now,
        customer=customer.id,
        currency=session.currency,
        status="trialing" if trial_end is not None else started,
        trial_end=trial_end,
        items=[
            SubscriptionItem(
                id=new_id("si"),
                created=now,
                subscription=subscription_id,
                price=price.id,
                quantity=quantity,
                period_start=now,
                period_end=trial_end
                or billing_periods.add_interval(now, price.interval, price.interval_count),
            )
            for price, quantity in prices
            if price.interval is not None
        ],
        metadata=session.subscription_metadata,
        description=session.subscription_description,
        default_payment_method=method.id,
    )
    return _discounted(account, session, subscription)


def _discounted(
    account: SandboxAccount, session: CheckoutSession, subscription: Subscription
) -> Subscription:
    if not discounts.outlives_an_invoice(account, session.discount):
        return subscription
    return discounts.discount_subscription(account, subscription, account.discounts[session.discount or ""])


def _payment_status(session: CheckoutSession, *, settled: bool) -> PaymentStatus:
    if session.discount is not None and session.amount_total == 0:
        return "no_payment_required"
    return "paid" if settled else "unpaid"


def _collect(account: SandboxAccount, invoice: Invoice, method: PaymentMethod) -> ChargeAttempt | None:
    if invoice.amount_due == 0:
        return None
    intent = msgspec.structs.replace(
        new_payment_intent(account, invoice.amount_due, invoice.currency),
        customer=invoice.customer,
        description="Subscription creation",
        means=method.type,
        off_session=True,
        order_reference=invoice.id,
    )
    invoice_transitions.link_invoice_payment(account, invoice, intent)
    return attempt_charge(account, intent, method, "succeeded" if method.type == "card" else "pending")


def _attempted(account: SandboxAccount, final: Invoice, *, settled: bool) -> Invoice:
    if settled:
        return invoice_transitions.mark_invoice_paid(account, final)
    return msgspec.structs.replace(final, attempt_count=1)

"""Renewals: the next period is billed and paid, or fails and is retried, or the subscription ends."""

from typing import Literal

import msgspec

from egpay_sandbox.stripe import billing_periods, invoice_drafts, invoice_transitions
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import wrong_state
from egpay_sandbox.stripe.charges import ChargeAttempt, attempt_charge, new_payment_intent
from egpay_sandbox.stripe.discounts import detach_spent_discount
from egpay_sandbox.stripe.objects import Invoice, PaymentIntent, Subscription
from egpay_sandbox.stripe.requests.billing import SubscriptionCancel
from egpay_sandbox.stripe.subscription_lifecycle import cancel_subscription
from egpay_sandbox.stripe.subscriptions import ENDED_STATUSES, store_if_changed

RenewalOutcome = Literal["succeeded", "failed"]

_RETRY_DAYS = 3


def renew_subscription(
    account: SandboxAccount, subscription_id: str, outcome: RenewalOutcome
) -> Subscription:
    """Ends the period: bills the next one, or ends a subscription that was to be cancelled."""
    before = get_or_404(account.subscriptions, subscription_id)
    if before.status in (*ENDED_STATUSES, "paused", "incomplete"):
        raise wrong_state(f"A subscription that is {before.status} does not renew.")
    if before.cancel_at is not None and before.cancel_at <= before.period_end:
        return cancel_subscription(account, SubscriptionCancel(), subscription_id)
    after = _next_period(account, before)
    draft = invoice_drafts.draft_renewal_invoice(account, before, after)
    after = detach_spent_discount(account, after, after.period_start)
    after = store_if_changed(account, msgspec.structs.replace(after, latest_invoice=draft.id), before)
    account.emit("invoice.created", draft)
    if after.pause_behavior is not None:
        return _apply_pause_collection(account, after, draft)
    final = invoice_transitions.finalize_invoice(account, draft)
    account.invoices.store(final)
    account.emit("invoice.finalized", final)
    if final.total == 0:
        return _paid(account, final, after)
    return _collect(account, final, outcome, first=True)


def retry_invoice(account: SandboxAccount, invoice_id: str, outcome: RenewalOutcome) -> Invoice:
    """Retries an open renewal: success recovers the subscription, the last failure ends it."""
    invoice = get_or_404(account.invoices, invoice_id)
    if invoice.status != "open" or invoice.subscription is None:
        raise wrong_state(f"Invoice {invoice_id} is {invoice.status} and cannot be retried.")
    _collect(account, invoice, outcome, first=False)
    return account.invoices[invoice_id]


def _next_period(account: SandboxAccount, sub: Subscription) -> Subscription:
    items = []
    for item in sub.items:
        price = account.prices[item.price]
        end = billing_periods.add_interval(item.period_end, price.interval or "month", price.interval_count)
        items.append(msgspec.structs.replace(item, period_start=item.period_end, period_end=end))
    status = "active" if sub.status == "trialing" else sub.status
    return msgspec.structs.replace(sub, items=items, status=status)


def _collect(
    account: SandboxAccount, invoice: Invoice, outcome: RenewalOutcome, *, first: bool
) -> Subscription:
    sub = account.subscriptions[invoice.subscription or ""]
    intent = _intent(account, invoice)
    method = account.payment_methods[sub.default_payment_method or ""]
    attempt = attempt_charge(account, intent, method, outcome)
    account.emit(f"charge.{outcome}", attempt.charge)
    _emit_payment_intent(account, attempt, first=first)
    if outcome == "succeeded":
        return _paid(account, invoice, sub)
    return _failed(account, invoice, sub)


def _paid(account: SandboxAccount, invoice: Invoice, sub: Subscription) -> Subscription:
    invoice = account.invoices.store(invoice_transitions.mark_invoice_paid(account, invoice))
    account.emit("invoice.paid", invoice)
    account.emit("invoice.payment_succeeded", invoice)
    invoice_transitions.mark_invoice_payment_paid(account, invoice)
    if sub.status in ENDED_STATUSES:
        return sub
    return store_if_changed(account, msgspec.structs.replace(sub, status="active"), sub)


def _failed(account: SandboxAccount, invoice: Invoice, sub: Subscription) -> Subscription:
    attempts = invoice.attempt_count + 1
    last = attempts >= account.settings.retries
    again = None if last else account.clock.now() + _RETRY_DAYS * 24 * 3600
    invoice = account.invoices.store(
        msgspec.structs.replace(invoice, attempt_count=attempts, next_payment_attempt=again)
    )
    account.emit("invoice.payment_failed", invoice)
    if sub.status in ENDED_STATUSES:
        return sub
    if not last:
        return store_if_changed(account, msgspec.structs.replace(sub, status="past_due"), sub)
    if account.settings.after_last_retry == "canceled":
        return cancel_subscription(account, SubscriptionCancel(), sub.id, reason="payment_failed")
    return store_if_changed(
        account, msgspec.structs.replace(sub, status=account.settings.after_last_retry), sub
    )


def _intent(account: SandboxAccount, invoice: Invoice) -> PaymentIntent:
    """Returns the one intent of an invoice, however often it is tried."""
    for link in account.invoice_payments:
        if link.invoice == invoice.id:
            return account.payment_intents[link.payment_intent]
    intent = msgspec.structs.replace(
        new_payment_intent(account, invoice.total, invoice.currency),
        customer=invoice.customer,
        description="Subscription update",
        off_session=True,
        order_reference=invoice.id,
    )
    invoice_transitions.link_invoice_payment(account, invoice, intent)
    return intent


def _emit_payment_intent(account: SandboxAccount, attempt: ChargeAttempt, *, first: bool) -> None:
    done = "succeeded" if attempt.charge.status == "succeeded" else "payment_failed"
    account.emit(f"payment_intent.{done}", attempt.intent)
    if first:
        account.emit("payment_intent.created", attempt.before)


def _apply_pause_collection(account: SandboxAccount, sub: Subscription, draft: Invoice) -> Subscription:
    """Applies `pause_collection` to an invoice.

    docs.stripe.com/billing/subscriptions/pause-payment
    """
    now = account.clock.now()
    match sub.pause_behavior:
        case "void":
            left = account.invoices.store(msgspec.structs.replace(draft, status="void", voided_at=now))
            account.emit("invoice.voided", left)
        case "mark_uncollectible":
            left = account.invoices.store(msgspec.structs.replace(draft, status="uncollectible"))
            account.emit("invoice.marked_uncollectible", left)
        case _:
            account.invoices.store(draft)
    return sub

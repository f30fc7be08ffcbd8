"""The next period begins: it is billed and paid, or fails and is retried, or the subscription ends."""

from typing import Literal

import msgspec

from egpay_sandbox.stripe import billing_periods, invoice_drafts, invoice_transitions
from egpay_sandbox.stripe.account import SandboxAccount, sought
from egpay_sandbox.stripe.api_errors import wrong_state
from egpay_sandbox.stripe.charges import ChargeAttempt, attempt, new_intent
from egpay_sandbox.stripe.objects import Invoice, PaymentIntent, Subscription
from egpay_sandbox.stripe.requests.billing import SubscriptionCancel
from egpay_sandbox.stripe.subscription_lifecycle import cancel_now
from egpay_sandbox.stripe.subscriptions import ENDED, keep

RenewalOutcome = Literal["succeeded", "failed"]

_RETRY_DAYS = 3


def renew(account: SandboxAccount, subscription_id: str, outcome: RenewalOutcome) -> Subscription:
    """The period ends: bill the next one, or end a subscription that was to be cancelled."""
    before = sought(account.subscriptions, subscription_id)
    if before.status in (*ENDED, "paused", "incomplete"):
        raise wrong_state(f"A subscription that is {before.status} does not renew.")
    if before.cancel_at is not None and before.cancel_at <= before.period_end:
        return cancel_now(account, SubscriptionCancel(), subscription_id)
    after = _next_period(account, before)
    draft = invoice_drafts.period_invoice(account, before, after)
    after = keep(account, msgspec.structs.replace(after, latest_invoice=draft.id), before)
    account.tell("invoice.created", draft)
    if after.pause_behavior is not None:
        return _leave_uncollected(account, after, draft)
    final = invoice_transitions.finalized(account, draft)
    account.invoices.put(final)
    account.tell("invoice.finalized", final)
    return _collect(account, final, outcome, first=True)


def retry(account: SandboxAccount, invoice_id: str, outcome: RenewalOutcome) -> Invoice:
    """Stripe tries an open renewal again: success recovers the subscription, the last failure ends it."""
    invoice = sought(account.invoices, invoice_id)
    if invoice.status != "open" or invoice.subscription is None:
        raise wrong_state(f"Invoice {invoice_id} is {invoice.status} and cannot be retried.")
    _collect(account, invoice, outcome, first=False)
    return account.invoices[invoice_id]


def _next_period(account: SandboxAccount, sub: Subscription) -> Subscription:
    items = []
    for item in sub.items:
        price = account.prices[item.price]
        end = billing_periods.after(item.period_end, price.interval or "month", price.interval_count)
        items.append(msgspec.structs.replace(item, period_start=item.period_end, period_end=end))
    return msgspec.structs.replace(sub, items=items)


def _collect(
    account: SandboxAccount, invoice: Invoice, outcome: RenewalOutcome, *, first: bool
) -> Subscription:
    sub = account.subscriptions[invoice.subscription or ""]
    intent = _intent(account, invoice)
    method = account.payment_methods[sub.default_payment_method or ""]
    money = attempt(account, intent, method, outcome)
    account.tell(f"charge.{outcome}", money.charge)
    _tell_intent(account, money, first=first)
    if outcome == "succeeded":
        return _paid(account, invoice, sub)
    return _failed(account, invoice, sub)


def _paid(account: SandboxAccount, invoice: Invoice, sub: Subscription) -> Subscription:
    invoice = account.invoices.put(invoice_transitions.paid(account, invoice))
    account.tell("invoice.paid", invoice)
    account.tell("invoice.payment_succeeded", invoice)
    invoice_transitions.mark_link_paid(account, invoice)
    if sub.status in ENDED:
        return sub
    return keep(account, msgspec.structs.replace(sub, status="active"), sub)


def _failed(account: SandboxAccount, invoice: Invoice, sub: Subscription) -> Subscription:
    attempts = invoice.attempt_count + 1
    last = attempts >= account.settings.retries
    again = None if last else account.clock.now() + _RETRY_DAYS * 24 * 3600
    invoice = account.invoices.put(
        msgspec.structs.replace(invoice, attempt_count=attempts, next_payment_attempt=again)
    )
    account.tell("invoice.payment_failed", invoice)
    if sub.status in ENDED:
        return sub
    if not last:
        return keep(account, msgspec.structs.replace(sub, status="past_due"), sub)
    if account.settings.after_last_retry == "canceled":
        return cancel_now(account, SubscriptionCancel(), sub.id, reason="payment_failed")
    return keep(account, msgspec.structs.replace(sub, status=account.settings.after_last_retry), sub)


def _intent(account: SandboxAccount, invoice: Invoice) -> PaymentIntent:
    """One intent per invoice, however often it is tried."""
    for link in account.invoice_payments:
        if link.invoice == invoice.id:
            return account.payment_intents[link.payment_intent]
    intent = msgspec.structs.replace(
        new_intent(account, invoice.total, invoice.currency),
        customer=invoice.customer,
        description="Subscription update",
        off_session=True,
        order_reference=invoice.id,
    )
    invoice_transitions.link_payment(account, invoice, intent)
    return intent


def _tell_intent(account: SandboxAccount, money: ChargeAttempt, *, first: bool) -> None:
    done = "succeeded" if money.charge.status == "succeeded" else "payment_failed"
    account.tell(f"payment_intent.{done}", money.intent)
    if first:
        account.tell("payment_intent.created", money.before)


def _leave_uncollected(account: SandboxAccount, sub: Subscription, draft: Invoice) -> Subscription:
    """What `pause_collection` does to an invoice (docs.stripe.com/billing/subscriptions/pause-payment)."""
    now = account.clock.now()
    match sub.pause_behavior:
        case "void":
            left = account.invoices.put(msgspec.structs.replace(draft, status="void", voided_at=now))
            account.tell("invoice.voided", left)
        case "mark_uncollectible":
            left = account.invoices.put(msgspec.structs.replace(draft, status="uncollectible"))
            account.tell("invoice.marked_uncollectible", left)
        case _:
            account.invoices.put(draft)
    return sub

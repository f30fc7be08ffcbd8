"""Renewals: the next period is billed and paid, or fails and is retried, or the subscription ends."""

import msgspec

from egpay_sandbox.stripe import billing_periods, invoice_drafts, invoice_transitions
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import wrong_state
from egpay_sandbox.stripe.customer_balances import apply_balance
from egpay_sandbox.stripe.discounts import detach_spent_discount
from egpay_sandbox.stripe.invoice_collection import RenewalOutcome, bill_invoice, collect_invoice
from egpay_sandbox.stripe.objects import Invoice, Subscription
from egpay_sandbox.stripe.requests.billing import SubscriptionCancel
from egpay_sandbox.stripe.subscription_lifecycle import cancel_subscription
from egpay_sandbox.stripe.subscriptions import ENDED_STATUSES, store_if_changed


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
    final = apply_balance(account, invoice_transitions.finalize_invoice(account, draft))
    account.invoices.store(final)
    account.emit("invoice.finalized", final)
    return bill_invoice(account, final, outcome)


def retry_invoice(account: SandboxAccount, invoice_id: str, outcome: RenewalOutcome) -> Invoice:
    """Retries an open renewal: success recovers the subscription, the last failure ends it."""
    invoice = get_or_404(account.invoices, invoice_id)
    if invoice.status not in ("open", "uncollectible") or invoice.subscription is None:
        raise wrong_state(f"Invoice {invoice_id} is {invoice.status} and cannot be retried.")
    collect_invoice(account, invoice, outcome)
    return account.invoices[invoice_id]


def _next_period(account: SandboxAccount, sub: Subscription) -> Subscription:
    items = []
    for item in sub.items:
        price = account.prices[item.price]
        end = billing_periods.add_interval(item.period_end, price.interval or "month", price.interval_count)
        items.append(msgspec.structs.replace(item, period_start=item.period_end, period_end=end))
    status = "active" if sub.status == "trialing" else sub.status
    return msgspec.structs.replace(sub, items=items, status=status)


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
            left = account.invoices.store(
                msgspec.structs.replace(draft, status="uncollectible", uncollectible_at=now)
            )
            account.emit("invoice.marked_uncollectible", left)
        case _:
            account.invoices.store(draft)
    return sub

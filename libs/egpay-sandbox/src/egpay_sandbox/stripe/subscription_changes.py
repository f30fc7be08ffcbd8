"""Changes of a subscription by request: items, metadata, discounts, trial, end, and whether money is collected."""

import msgspec

from egpay_sandbox.stripe import prorations
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import StripeApiError, wrong_state
from egpay_sandbox.stripe.discounts import discount_subscription, resolve_discount
from egpay_sandbox.stripe.invoice_collection import RenewalOutcome
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import Subscription
from egpay_sandbox.stripe.renewals import renew_subscription
from egpay_sandbox.stripe.requests.billing import PauseCollection, SubscriptionUpdate
from egpay_sandbox.stripe.requests.coupons import DiscountParams
from egpay_sandbox.stripe.subscription_items import apply_items, interval_of
from egpay_sandbox.stripe.subscriptions import (
    ENDED_STATUSES,
    due_days,
    schedule_cancellation,
    store_if_changed,
)
from egpay_sandbox.stripe.trials import set_trial_end


def update_subscription(
    account: SandboxAccount,
    params: SubscriptionUpdate,
    subscription_id: str,
    *,
    outcome: RenewalOutcome = "succeeded",
) -> Subscription:
    """Applies the API's changes; emits `customer.subscription.updated` when something changed.

    `outcome` is that of the payment, if the change is billed at once.
    """
    before = get_or_404(account.subscriptions, subscription_id)
    if before.status in ENDED_STATUSES:
        raise wrong_state("A canceled subscription can only update its cancellation_details and metadata.")
    method = params.default_payment_method
    after = msgspec.structs.replace(
        apply_items(account, before, params.items or []),
        metadata=merge_metadata(before.metadata, params.metadata),
        description=before.description if params.description is None else params.description or None,
        default_payment_method=get_or_404(account.payment_methods, method, "default_payment_method").id
        if method
        else before.default_payment_method,
    )
    after = _apply_discounts(account, _apply_collection(after, params), params)
    after = _apply_pause(account, _apply_cancellation(account, after, params), params)
    if isinstance(params.trial_end, int):
        after = set_trial_end(account, after, params.trial_end)
    restarted = interval_of(account, after) != interval_of(account, before)
    billed = params.proration_behavior != "none" and prorations.prorate_change(
        account, before, after, restarted=restarted
    )
    after = store_if_changed(account, after, before)
    if before.status != "trialing" and (
        restarted or (billed and params.proration_behavior == "always_invoice")
    ):
        return prorations.invoice_change(account, after, outcome, restarted=restarted)
    if params.trial_end == "now" and after.status == "trialing":
        return _end_trial(account, after, outcome)
    return after


def _apply_collection(sub: Subscription, params: SubscriptionUpdate) -> Subscription:
    if params.collection_method is None:
        return sub
    days = due_days(params.collection_method, params.days_until_due)
    return msgspec.structs.replace(sub, days_until_due=days)


def _end_trial(account: SandboxAccount, sub: Subscription, outcome: RenewalOutcome) -> Subscription:
    ended = set_trial_end(account, sub, account.clock.now())
    store_if_changed(account, ended, sub)
    return renew_subscription(account, sub.id, outcome)


def _apply_cancellation(
    account: SandboxAccount, sub: Subscription, params: SubscriptionUpdate
) -> Subscription:
    if params.cancel_at is not None and params.cancel_at_period_end:
        raise StripeApiError(
            "You may only specify one of: cancel_at, cancel_at_period_end.", param="cancel_at"
        )
    if isinstance(params.cancel_at, int):
        return schedule_cancellation(account, sub, params.cancel_at, at_period_end=False)
    if params.cancel_at_period_end:
        return schedule_cancellation(account, sub, sub.period_end, at_period_end=True)
    if params.cancel_at == "" or params.cancel_at_period_end is False:
        account.scheduled_jobs.remove(f"end_subscription:{sub.id}")
        return msgspec.structs.replace(
            sub, cancel_at=None, cancel_at_period_end=False, canceled_at=None, cancel_reason=None
        )
    return sub


def _apply_discounts(account: SandboxAccount, sub: Subscription, params: SubscriptionUpdate) -> Subscription:
    if params.discounts is None:
        return sub
    if sub.discount is not None:
        account.emit("customer.discount.deleted", account.discounts[sub.discount])
        sub = msgspec.structs.replace(sub, discount=None)
    for discount in params.discounts:
        if isinstance(discount, DiscountParams):
            redeemed = resolve_discount(account, discount, "discounts[0]")
            sub = discount_subscription(account, sub, redeemed)
    return sub


def _apply_pause(account: SandboxAccount, sub: Subscription, params: SubscriptionUpdate) -> Subscription:
    if params.pause_collection is None:
        return sub
    account.scheduled_jobs.remove(f"resume_collection:{sub.id}")
    match params.pause_collection:
        case PauseCollection(behavior=behavior, resumes_at=resumes_at):
            if resumes_at is not None:
                account.schedule("resume_collection", sub.id, at=resumes_at)
            return msgspec.structs.replace(sub, pause_behavior=behavior, pause_resumes_at=resumes_at)
        case _:
            return msgspec.structs.replace(sub, pause_behavior=None, pause_resumes_at=None)

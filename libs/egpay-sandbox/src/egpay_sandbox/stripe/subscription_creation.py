"""Subscriptions created by request, without Checkout: by a shop, the dashboard, or a migration."""

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe import billing_periods, invoice_drafts, invoice_transitions
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.customer_balances import apply_balance
from egpay_sandbox.stripe.customers import existing_customer
from egpay_sandbox.stripe.discounts import discount_subscription, resolve_discount
from egpay_sandbox.stripe.invoice_collection import RenewalOutcome, bill_invoice
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import Customer, Subscription, SubscriptionItem
from egpay_sandbox.stripe.requests.billing import ItemCreate, SubscriptionCreate
from egpay_sandbox.stripe.subscription_items import interval_of, recurring_price
from egpay_sandbox.stripe.subscriptions import due_days, schedule_cancellation
from egpay_sandbox.stripe.trials import set_trial_end

_DAY = 24 * 3600


def create_subscription(
    account: SandboxAccount, params: SubscriptionCreate, *, outcome: RenewalOutcome = "succeeded"
) -> Subscription:
    """Creates a subscription that is `incomplete` until its first invoice is paid, or `trialing`."""
    customer = existing_customer(account, params.customer, "customer")
    sub = _with_options(account, _subscription(account, customer, params), params)
    draft = invoice_drafts.draft_creation_invoice(account, sub)
    sub = account.subscriptions.store(msgspec.structs.replace(sub, latest_invoice=draft.id))
    if not sub.default_payment_method and sub.days_until_due is None and draft.total:
        account.subscriptions.remove(sub.id)
        raise StripeApiError(
            "This customer has no attached payment source or default payment method.",
            code="resource_missing",
        )
    account.emit("customer.subscription.created", sub)
    account.emit("invoice.created", draft)
    final = apply_balance(account, invoice_transitions.finalize_invoice(account, draft))
    account.invoices.store(final)
    account.emit("invoice.finalized", final)
    return bill_invoice(account, final, outcome)


def copy_subscription(
    account: SandboxAccount, old_id: str, *, until_period_end: bool, outcome: RenewalOutcome
) -> Subscription:
    """Creates a subscription again with the metadata of an old one, as a migration does.

    `until_period_end` leaves what the old one has paid for free, as a trial.
    """
    old = get_or_404(account.subscriptions, old_id)
    params = SubscriptionCreate(
        customer=old.customer,
        items=[ItemCreate(price=item.price, quantity=item.quantity) for item in old.items],
        metadata=old.metadata,
        description=old.description,
        default_payment_method=old.default_payment_method,
        trial_end=old.period_end if until_period_end else None,
    )
    return create_subscription(account, params, outcome=outcome)


def _subscription(account: SandboxAccount, customer: Customer, params: SubscriptionCreate) -> Subscription:
    now, sub_id = account.clock.now(), new_id("sub")
    prices = [recurring_price(account, i.price, f"items[{n}][price]") for n, i in enumerate(params.items)]
    items = [
        SubscriptionItem(
            id=new_id("si"),
            created=now,
            subscription=sub_id,
            price=price.id,
            quantity=item.quantity,
            period_start=now,
            period_end=billing_periods.add_interval(now, price.interval or "month", price.interval_count),
            metadata=merge_metadata({}, item.metadata),
        )
        for price, item in zip(prices, params.items, strict=True)
    ]
    stored = [m.id for m in account.payment_methods.newest_first() if m.customer == customer.id]
    return Subscription(
        id=sub_id,
        created=now,
        customer=customer.id,
        currency=prices[0].currency,
        status="incomplete" if params.collection_method == "charge_automatically" else "active",
        days_until_due=due_days(params.collection_method, params.days_until_due),
        items=items,
        metadata=merge_metadata({}, params.metadata),
        description=params.description,
        default_payment_method=params.default_payment_method
        or customer.default_payment_method
        or next(iter(stored), None),
    )


def _with_options(account: SandboxAccount, sub: Subscription, params: SubscriptionCreate) -> Subscription:
    interval_of(account, sub)
    for discount in params.discounts or []:
        sub = discount_subscription(account, sub, resolve_discount(account, discount, "discounts[0]"))
    if params.trial_period_days is not None:
        sub = set_trial_end(account, sub, sub.created + params.trial_period_days * _DAY)
    if params.trial_end is not None:
        sub = set_trial_end(account, sub, params.trial_end)
    if params.cancel_at is not None:
        sub = schedule_cancellation(account, sub, params.cancel_at, at_period_end=False)
    elif params.cancel_at_period_end:
        sub = schedule_cancellation(account, sub, sub.period_end, at_period_end=True)
    return sub

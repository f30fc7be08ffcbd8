"""Plan changes in the portal: what its configuration offers, what a change costs, and the change itself.

docs.stripe.com/customer-management/configure-portal
"""

from dataclasses import dataclass

import msgspec

from egpay_sandbox.stripe import billing_periods
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.api_errors import StripeApiError, wrong_state
from egpay_sandbox.stripe.discounts import current_discount, find_coupon, shared_discount
from egpay_sandbox.stripe.objects import InvoiceItem, PortalConfiguration, Price, Subscription
from egpay_sandbox.stripe.prorations import proration_items
from egpay_sandbox.stripe.requests.billing import ItemUpdate, SubscriptionUpdate
from egpay_sandbox.stripe.subscription_changes import update_subscription
from egpay_sandbox.stripe.subscription_items import apply_items, interval_of

_CHANGEABLE = ("active", "trialing", "past_due")
_MOST_SEATS = 999_999


@dataclass(frozen=True, slots=True)
class PlanChange:
    """A change and its cost: `due` is what is charged now, `later` what the next invoice has besides the new plan.

    `period` is the price of a whole period that begins now, 0 when none does. What `due` differs from the sum of
    period and items by is discount, balance, and pending parts of earlier changes.
    """

    before: Subscription
    after: Subscription
    items: list[InvoiceItem]
    period: int
    due: int
    later: int
    next_at: int

    @property
    def adjustment(self) -> int:
        """What discount, balance and earlier changes add to what is charged now, mostly less than nothing."""
        return self.due - self.period - sum(row.prorated or 0 for row in self.items) if self.due else 0

    @property
    def price(self) -> str:
        """The id of the price that the subscription will have."""
        return self.after.items[0].price


def why_fixed(configuration: PortalConfiguration, sub: Subscription) -> str | None:
    """Says why a subscription cannot be changed in the portal; None when it can."""
    if not configuration.allowed_plan_updates:
        return "Plans are not changed in this portal."
    if len(sub.items) != 1:
        return "A subscription with several products can only be cancelled here."
    if sub.days_until_due is not None:
        return "A subscription that is paid by invoice can only be cancelled here."
    if sub.cancel_at is not None:
        return "A subscription that is going to end has to be kept before it can be changed."
    if sub.status not in _CHANGEABLE:
        return f"A subscription that is {sub.status} cannot be changed."
    return None


def offered_prices(
    account: SandboxAccount, configuration: PortalConfiguration, sub: Subscription
) -> list[Price]:
    """Lists the prices a customer may have: those of the configuration in the same currency, and the present one."""
    present = account.prices[sub.items[0].price]
    if "price" not in configuration.allowed_plan_updates:
        return [present]
    names = [name for prices in configuration.plans.values() for name in prices]
    offered = [account.prices[name] for name in names if name in account.prices]
    fitting = [p for p in offered if p.active and p.currency == sub.currency]
    return fitting if present in fitting else [present, *fitting]


def may_change_quantity(
    account: SandboxAccount, configuration: PortalConfiguration, sub: Subscription
) -> bool:
    """Whether a customer may have more or fewer of what the subscription is for."""
    product = account.prices[sub.items[0].price].product
    return "quantity" in configuration.allowed_plan_updates and product in configuration.plans


def plan_change(
    account: SandboxAccount, configuration: PortalConfiguration, sub: Subscription, price: str, quantity: int
) -> PlanChange:
    """Computes what a change would cost; raises StripeApiError for one that is not allowed. It stores nothing."""
    reason = why_fixed(configuration, sub)
    if reason is not None:
        raise wrong_state(reason)
    item = sub.items[0]
    _check_price(account, configuration, sub, price)
    _check_quantity(account, configuration, sub, quantity)
    if (price, quantity) == (item.price, item.quantity):
        raise StripeApiError("This is what the subscription is already.")
    after = apply_items(account, sub, [ItemUpdate(id=item.id, price=price, quantity=quantity)])
    restarted = interval_of(account, after) != interval_of(account, sub)
    if sub.status == "trialing":
        return _started(account, sub, after)
    behaviour = configuration.proration_behavior
    items = [] if behaviour == "none" else proration_items(account, sub, after, restarted=restarted)
    amounts = [row.prorated or 0 for row in items]
    if not restarted and behaviour != "always_invoice":
        return PlanChange(sub, after, items, 0, 0, _discounted(account, sub, amounts), after.period_end)
    period = _period(account, after) if restarted else []
    due = _charged(account, sub, [*amounts, *_pending(account, sub), *period])
    return PlanChange(sub, after, items, sum(period), due, 0, after.period_end)


def change_plan(
    account: SandboxAccount, configuration: PortalConfiguration, sub: Subscription, price: str, quantity: int
) -> Subscription:
    """Changes plan and quantity as configured; a trial ends with it, since that is what the portal does by default."""
    plan_change(account, configuration, sub, price, quantity)
    params = SubscriptionUpdate(
        items=[ItemUpdate(id=sub.items[0].id, price=price, quantity=quantity)],
        proration_behavior=configuration.proration_behavior,
        trial_end="now" if sub.status == "trialing" else None,
    )
    return update_subscription(account, params, sub.id)


def next_invoice(account: SandboxAccount, sub: Subscription) -> int:
    """Computes what the next period's invoice will collect, with the pending parts of earlier changes."""
    return _charged(account, sub, [*_period(account, sub), *_pending(account, sub)])


def _check_price(
    account: SandboxAccount, configuration: PortalConfiguration, sub: Subscription, price: str
) -> None:
    if price not in [offer.id for offer in offered_prices(account, configuration, sub)]:
        raise StripeApiError("This plan is not offered here.", param="price")


def _check_quantity(
    account: SandboxAccount, configuration: PortalConfiguration, sub: Subscription, quantity: int
) -> None:
    if quantity == sub.items[0].quantity:
        return
    if not may_change_quantity(account, configuration, sub):
        raise StripeApiError("The quantity is not changed in this portal.", param="quantity")
    if not 1 <= quantity <= _MOST_SEATS:
        raise StripeApiError(f"The quantity is 1 to {_MOST_SEATS}.", param="quantity")


def _started(account: SandboxAccount, sub: Subscription, after: Subscription) -> PlanChange:
    """The change of a trial, which ends: the first whole period is charged now."""
    now = account.clock.now()
    interval, count = interval_of(account, after)
    end = billing_periods.add_interval(now, interval or "month", count)
    period = _period(account, after)
    active = msgspec.structs.replace(after, status="active")
    return PlanChange(sub, active, [], sum(period), _charged(account, sub, period), 0, end)


def _period(account: SandboxAccount, sub: Subscription) -> list[int]:
    return [account.prices[item.price].unit_amount * item.quantity for item in sub.items]


def _pending(account: SandboxAccount, sub: Subscription) -> list[int]:
    rows = (i for i in account.invoice_items if i.subscription == sub.id and i.invoice is None)
    return [row.prorated or 0 for row in rows]


def _charged(account: SandboxAccount, sub: Subscription, amounts: list[int]) -> int:
    """What is collected of these lines, once discount and the customer's balance are taken off."""
    return max(0, _discounted(account, sub, amounts) + account.customers[sub.customer].balance)


def _discounted(account: SandboxAccount, sub: Subscription, amounts: list[int]) -> int:
    """The sum after the subscription's discount, which takes nothing off credits."""
    discount = account.discounts.get(current_discount(account, sub, account.clock.now()))
    if discount is None:
        return sum(amounts)
    coupon = find_coupon(account, discount.coupon)
    return sum(amounts) - sum(shared_discount(coupon, [max(0, amount) for amount in amounts]))

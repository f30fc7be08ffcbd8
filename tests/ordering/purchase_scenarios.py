"""Scenarios 1 to 6: a purchase, or a subscription found at the provider, with webhooks in any order."""

from purchase import ACTIVE, DAY, PAID, PERIOD, purchase
from scenario import INSTALLATION, Required, Scenario, Truth
from shop import START, Shop

from egpay.domain.foreign import KnownPrice


def happy(tag: str) -> Scenario:
    """1. The billing e-mail typed at Checkout never becomes the identity."""
    shop = Shop(tag)
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3})
    return Scenario("1", "a purchase", tag, (shop.sold(),), purchase(shop), required)


def tie(tag: str) -> Scenario:
    """2. SC(incomplete) and SU(active) in one second."""
    shop = Shop(tag)
    told = (
        shop.subscription("created", "incomplete", at=100),
        shop.subscription("updated", "active", at=100),
        shop.paid(at=100),
        shop.completed(at=100),
    )
    truth = Truth(subscriptions={shop.name("sub"): shop.stripe_subscription("active")})
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3})
    return Scenario("2", "created and active in one second", tag, (shop.sold(),), told, required, truth)


def tied_seats(tag: str) -> Scenario:
    """2. Seven seats and five in one second: only the provider's state says five."""
    shop = Shop(tag)
    told = (
        shop.subscription("updated", "active", at=500, name="seven", quantity=7),
        shop.subscription("updated", "active", at=500, name="five", quantity=5),
        shop.subscription("updated", "active", at=400, name="three", quantity=3),
    )
    truth = Truth(subscriptions={shop.name("sub"): shop.stripe_subscription("active", quantity=5)})
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3})
    before = purchase(shop)
    return Scenario(
        "2b", "seven and five seats in one second", tag, (shop.sold(),), told, required, truth, before
    )


def old_retry(tag: str) -> Scenario:
    """3. The active that got a 500 comes again after the past_due.

    What is past due has run before, so its owner is let in whichever of the two comes first.
    """
    shop = Shop(tag)
    told = (*purchase(shop), shop.subscription("updated", "past_due", at=PERIOD))
    required = Required(
        sales={"a": "paid"}, subscriptions={"a": "past_due"}, parcels={"a": 3}, access="grace"
    )
    return Scenario(
        "3", "an old report is retried after a newer", tag, (shop.sold(),), told, required, at=PERIOD + DAY
    )


def active_after_end(tag: str) -> Scenario:
    """4. An account is opened only once, stays recorded, and no report revives its subscription."""
    shop = Shop(tag)
    told = (
        shop.subscription("deleted", "canceled", at=500),
        shop.subscription("updated", "active", at=400, name="late_active"),
        shop.subscription("updated", "past_due", at=300),
    )
    required = Required(sales={"a": "paid"}, subscriptions={"a": "canceled"}, parcels={"a": 3}, access="none")
    return Scenario(
        "4", "active after the end", tag, (shop.sold(),), told, required, before=purchase(shop), at=600
    )


def ended_first(tag: str) -> Scenario:
    """4. The end comes first: a dead subscription lets no one in, whatever follows.

    (If the active came first, its owner would have been let in: that order is scenario 4's own, so the end
    stays in front here.)
    """
    shop = Shop(tag)
    end = shop.subscription("deleted", "canceled", at=500)
    required = Required(
        sales={"a": "paid"},
        subscriptions={"a": "canceled"},
        organisations=0,
        letters=(),
        parcels={"a": 3},
        access="none",
    )
    return Scenario(
        "4b", "the end told before all else", tag, (shop.sold(),), purchase(shop), required, before=(end,)
    )


def resubscribed(tag: str) -> Scenario:
    """5. The second sale could begin only after the first subscription's end was requested and reported.

    Its own end comes in any order with the new purchase, and never closes the account.
    """
    old, new = Shop(tag, "a"), Shop(tag, "b", buyer="a")
    ending = old.subscription("updated", "active", at=1_000, name="ending", cancel_at=START + 5_000)
    told = (
        old.subscription("deleted", "canceled", at=5_000, cancel_at=START + 5_000),
        new.subscription("created", "active", at=4_000),
        new.paid(at=4_000),
        new.completed(at=4_001),
    )
    required = Required(
        sales={"a": "paid", "b": "paid"},
        subscriptions={"a": "canceled", "b": "active"},
        letters=("account_used_again", "introduction"),
        parcels={"a": 3, "b": 3},
    )
    before = (*purchase(old), ending)
    return Scenario(
        "5",
        "the old subscription ends after a new one began",
        tag,
        (old.sold(), new.sold()),
        told,
        required,
        before=before,
        at=6_000,
    )


def external(tag: str) -> Scenario:
    """6. Created in the dashboard for a product of ours: no sale, no parcel, and the provider reports its owner.

    Its first invoice, which names no price here, may come before it: it is judged again.
    """
    shop = Shop(tag)
    shop.marked, shop.price = False, {"id": f"price_{tag}", "product": f"prod_{tag}", "metadata": {}}
    told = (
        shop.subscription("updated", "active", at=5),
        shop.paid(at=5),
        shop.subscription("created", "incomplete", at=4),
        shop.subscription("updated", "active", at=9, name="more_seats", quantity=4),
    )
    truth = Truth(
        subscriptions={shop.name("sub"): shop.stripe_subscription("active", quantity=4)},
        customers={shop.name("sub"): {"id": shop.name("cus"), "email": shop.buyer, "name": "Analytical"}},
    )
    return Scenario(
        "6",
        "an active subscription that nobody ordered",
        tag,
        (),
        told,
        Required(subscriptions={"a": "active"}),
        truth,
        catalogue=(KnownPrice(id=f"price_{tag}", since=INSTALLATION.since),),
    )


PURCHASE_SCENARIOS = (
    happy,
    tie,
    tied_seats,
    old_retry,
    active_after_end,
    ended_first,
    resubscribed,
    external,
)

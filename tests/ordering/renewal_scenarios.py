"""Scenarios 15, 16 and 20: renewals, changes of seats, and webhooks in several versions of the API."""

from itertools import cycle

from purchase import ACTIVE, DAY, PAID, PERIOD, purchase, traceable
from scenario import Held, Required, Scenario
from shop import START, TOTAL, Shop

from egpay.testing.stripe_objects import Generation


def late_renewal(tag: str) -> Scenario:
    """15. The renewal fails once and is then collected: one reminder, no parcel."""
    shop = Shop(tag)
    told = (
        shop.unpaid(1, at=PERIOD),
        shop.subscription("updated", "past_due", at=PERIOD),
        shop.renewed(at=PERIOD + DAY),
        shop.subscription("updated", "active", at=PERIOD + DAY, name="current"),
    )
    required = Required(
        sales=PAID, subscriptions=ACTIVE, parcels={"a": 3}, letters=("introduction", "payment_retry")
    )
    return Scenario(
        "15",
        "a renewal collected at the second try",
        tag,
        (shop.sold(),),
        told,
        required,
        before=purchase(shop),
        at=PERIOD + DAY,
    )


def failed_renewal(tag: str) -> Scenario:
    """15. Four failed tries: a reminder for each, and access ends."""
    shop = Shop(tag)
    tries = tuple(shop.unpaid(attempt, at=PERIOD + attempt * DAY) for attempt in (1, 2, 3, 4))
    told = (
        *tries,
        shop.subscription("updated", "past_due", at=PERIOD + DAY),
        shop.subscription("updated", "unpaid", at=PERIOD + 4 * DAY),
    )
    required = Required(
        sales={"a": "paid"},
        subscriptions={"a": "unpaid"},
        parcels={"a": 3},
        letters=("introduction", *["payment_retry"] * 4),
        access="none",
    )
    return Scenario(
        "15b", "a renewal never collected", tag, (shop.sold(),), told, required, before=purchase(shop)
    )


def trial(tag: str) -> Scenario:
    """15. Devices with a trial: the trial is not due yet, what is due ships, and a renewal ships nothing."""
    shop = Shop(tag)
    due = TOTAL - 1_900
    told = (
        shop.completed(at=2, amount_subtotal=due, amount_total=due),
        shop.subscription("created", "trialing", at=0),
        shop.paid(at=1, subtotal=due, amount_paid=due, amount_due=due),
        shop.renewed(at=PERIOD),
        shop.subscription("updated", "active", at=PERIOD),
    )
    required = Required(sales={"a": "paid"}, subscriptions={"a": "active"}, parcels={"a": 3})
    return Scenario("15c", "a trial and its first renewal", tag, (shop.sold(total=due),), told, required)


def never_paid(tag: str) -> Scenario:
    """15. Incomplete for 23 hours, then expired: no one is let in."""
    shop = Shop(tag)
    told = (
        shop.subscription("created", "incomplete", at=0),
        shop.subscription("updated", "incomplete_expired", at=DAY),
        shop.expired(at=DAY),
    )
    required = Required(
        sales={"a": "expired"},
        subscriptions={"a": "incomplete_expired"},
        organisations=0,
        letters=(),
        access="none",
    )
    return Scenario("15d", "a first payment that never came", tag, (shop.sold(),), told, required)


def mixed_versions(tag: str) -> Scenario:
    """16. The endpoint is upgraded in the middle of a purchase: each webhook in another version."""
    versions = cycle(Generation)
    shop = Shop(tag, generation=lambda _: next(versions))
    told = (
        *purchase(shop)[1:],
        shop.subscription("updated", "active", at=90, name="ending", cancel_at=START + PERIOD),
        shop.refunded(600, at=50),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, gone={"a": 600}, cases=("part_refunded",))
    return Scenario("16", "five API versions", tag, (shop.sold(),), told, required, traceable(shop))


def seats(tag: str) -> Scenario:
    """20. Five seats, three, seven: the newest holds, and the devices of the sale are another matter."""
    shop = Shop(tag)
    told = tuple(
        shop.subscription("updated", "active", at=100 + number, name=f"seats_{count}", quantity=count)
        for number, count in enumerate((5, 3, 7))
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3}, held=(Held("full", seats=7),))
    return Scenario(
        "20", "five, three, seven seats", tag, (shop.sold(),), (*purchase(shop)[2:], *told), required
    )


RENEWAL_SCENARIOS = (
    late_renewal,
    failed_renewal,
    trial,
    never_paid,
    mixed_versions,
    seats,
)

"""Scenarios 7 to 9: the money is days away, the page expires, or everything is paid twice."""

from purchase import ACTIVE, DAY, PAID
from scenario import Required, Scenario
from shop import TOTAL, Shop


def debit_under_way(tag: str) -> Scenario:
    """7. The debit takes days: nothing is shipped and no one is let in."""
    shop = Shop(tag)
    told = (shop.completed(paid=False), shop.subscription("created", "incomplete", at=0))
    required = Required(
        sales={"a": "awaiting_payment"},
        subscriptions={"a": "incomplete"},
        organisations=0,
        letters=(),
        access="none",
    )
    return Scenario("7", "a debit under way", tag, (shop.sold(),), told, required)


def debit_arrived(tag: str) -> Scenario:
    """7. The money comes after five days; CAS or IP may report it first."""
    shop, later = Shop(tag), 5 * DAY
    told = (
        shop.completed(paid=False),
        shop.subscription("created", "incomplete", at=0),
        shop.paid_later(at=later),
        shop.paid(at=later),
        shop.subscription("updated", "active", at=later),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3})
    return Scenario("7b", "a debit that arrives", tag, (shop.sold(),), told, required)


def debit_bounced(tag: str) -> Scenario:
    """7. The debit comes back: the buyer gets one e-mail."""
    shop = Shop(tag)
    told = (
        shop.completed(paid=False),
        shop.subscription("created", "incomplete", at=0),
        shop.failed_later(at=5 * DAY),
        shop.subscription("updated", "incomplete_expired", at=5 * DAY),
    )
    required = Required(
        sales={"a": "payment_failed"},
        subscriptions={"a": "incomplete_expired"},
        organisations=0,
        letters=("payment_failed",),
        access="none",
    )
    return Scenario("7c", "a debit that bounces", tag, (shop.sold(),), told, required)


def debit_bounced_then_paid(tag: str) -> Scenario:
    """7. A new page could only be opened once the old one's failure was reported.

    Then the old page's reports come late, and the ids of the page that was paid are the sale's.
    """
    shop = Shop(tag)
    second = {"id": shop.name("sub2")}
    told = (
        shop.completed(paid=False),
        shop.completed(at=6 * DAY, page=2),
        shop.subscription("created", "active", at=6 * DAY, name="second", **second),
        shop.subscription("updated", "incomplete_expired", at=6 * DAY),
    )
    bounced = shop.failed_later(at=5 * DAY)
    sold = shop.sold(checkout_session_id=shop.name("cs2"), session_attempt=2)
    required = Required(
        sales={"a": "paid"}, subscriptions={"a": "incomplete_expired", "a2": "active"}, parcels={"a": 3}
    )
    return Scenario(
        "7d", "a debit that bounces, then a card", tag, (sold,), told, required, before=(bounced,)
    )


def expired_page(tag: str) -> Scenario:
    """8. The first page expires, late, while the second is paid."""
    shop = Shop(tag)
    told = (
        shop.expired(at=DAY),
        shop.completed(at=50, page=2, subscription=shop.name("sub"), invoice=shop.name("in")),
        shop.subscription("created", "active", at=49),
        shop.paid(at=50),
    )
    sold = shop.sold(checkout_session_id=shop.name("cs2"), session_attempt=2)
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3})
    return Scenario("8", "an expired page beside a paid one", tag, (sold,), told, required)


def two_tabs(tag: str) -> Scenario:
    """9. Two sales to one e-mail, each with a page of its own, were both paid: one organisation, a person decides."""
    one, two = Shop(tag, "a"), Shop(tag, "b", buyer="a")
    told = tuple(
        each
        for shop, at in ((one, 0), (two, 3))
        for each in (
            shop.subscription("created", "active", at=at),
            shop.paid(at=at),
            shop.completed(at=at + 1),
        )
    )
    required = Required(
        sales={"a": "paid", "b": "paid"},
        subscriptions={"a": "active", "b": "active"},
        parcels={"a": 3, "b": 3},
        letters=("account_used_again", "introduction"),
        cases=("second_subscription",),
    )
    return Scenario("9", "two tabs, both paid", tag, (one.sold(), two.sold()), told, required)


def pages_side_by_side(tag: str) -> Scenario:
    """9. One of two pages is paid: the other is closed by us, and its expiry changes nothing for the buyer."""
    one, two = Shop(tag, "a"), Shop(tag, "b", buyer="a")
    told = (
        one.subscription("created", "active", at=0),
        one.paid(at=0),
        one.completed(at=1),
        two.expired(at=3),
    )
    required = Required(sales={"a": "paid", "b": "expired"}, subscriptions={"a": "active"}, parcels={"a": 3})
    return Scenario("9c", "two tabs, one paid", tag, (one.sold(), two.sold()), told, required)


def two_pages(tag: str) -> Scenario:
    """9. Two pages of one sale (devices alone) were both paid: one parcel, a person refunds one payment."""
    shop = Shop(tag)
    told = (
        shop.completed(at=5, mode="payment", subscription=None, payment_intent=shop.name("pi_in")),
        shop.completed(at=9, page=2, mode="payment", subscription=None, payment_intent=shop.name("pi_in2")),
        shop.expired(at=DAY, page=3),
    )
    sold = shop.sold(plan=False, checkout_session_id=shop.name("cs2"), session_attempt=2, total=TOTAL)
    required = Required(
        sales={"a": "paid"},
        organisations=0,
        letters=(),
        parcels={"a": 3},
        access="none",
        cases=("paid_twice",),
    )
    return Scenario("9b", "two pages of one sale, both paid", tag, (sold,), told, required)


PAYMENT_SCENARIOS = (
    debit_under_way,
    debit_arrived,
    debit_bounced,
    debit_bounced_then_paid,
    expired_page,
    two_tabs,
    pages_side_by_side,
    two_pages,
)

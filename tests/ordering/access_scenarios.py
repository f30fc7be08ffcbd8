"""Scenarios 15, 26 and 29: access by the provider's dates, plan and seats, and a subscription made again."""

from typing import Any

from purchase import ACTIVE, DAY, PAID, PERIOD, purchase
from scenario import Held, Required, Scenario, Told, Truth
from shop import START, Shop

from egpay.domain.foreign import KnownPrice
from egpay.domain.values import ProductId
from egpay.testing.builders import moment
from egpay.testing.stripe_objects import Json

LATE = PERIOD + 14 * DAY
REMINDERS = ("introduction", *["payment_retry"] * 3)


def _tries(shop: Shop) -> tuple[Told, ...]:
    """Three failed tries of one renewal, which was finalised at the end of the period."""
    days = (0, 3, 8)
    tries = tuple(shop.unpaid(number, at=PERIOD + day * DAY) for number, day in enumerate(days, 1))
    return (*tries, shop.subscription("updated", "past_due", at=PERIOD + 60))


def grace(tag: str, *, day: int = 13) -> Scenario:
    """15. Each try fails, and the grace counts from the finalisation: no later try prolongs it."""
    shop = Shop(tag)
    is_over = day >= 14
    required = Required(
        sales=PAID,
        subscriptions={"a": "past_due"},
        parcels={"a": 3},
        letters=REMINDERS,
        access="none" if is_over else "grace",
        held=(Held("none" if is_over else "grace", until=LATE),),
    )
    number, name = (
        ("15f", "fourteen days after the finalisation") if is_over else ("15e", "three failed tries")
    )
    sold = (shop.sold(),)
    return Scenario(
        number,
        name,
        tag,
        sold,
        _tries(shop),
        required,
        before=purchase(shop),
        timed=True,
        at=PERIOD + day * DAY,
    )


def grace_is_over(tag: str) -> Scenario:
    """15. A day later the grace is over by itself, whatever came last."""
    return grace(tag, day=14)


def two_unpaid_renewals(tag: str) -> Scenario:
    """15. The first of two unpaid renewals is voided: the grace counts from the second, whichever is heard last."""
    shop, second = Shop(tag), 2 * PERIOD
    told = (
        shop.unpaid(1, at=PERIOD),
        shop.unpaid(1, at=second, invoice="in3", since=second),
        shop.subscription("updated", "past_due", at=PERIOD + 60),
        shop.voided(at=second + DAY),
    )
    required = Required(
        sales=PAID,
        subscriptions={"a": "past_due"},
        parcels={"a": 3},
        letters=("introduction", "payment_retry", "payment_retry"),
        access="grace",
        held=(Held("grace", until=second + 14 * DAY),),
    )
    sold = (shop.sold(),)
    return Scenario(
        "15i",
        "the first of two unpaid renewals voided",
        tag,
        sold,
        told,
        required,
        before=purchase(shop),
        timed=True,
        at=second + 2 * DAY,
    )


def unpaid_by_invoice(tag: str) -> Scenario:
    """15. A renewal to be paid by invoice fails no try: the provider is asked, and its due date counts."""
    shop, due = Shop(tag), PERIOD + 5 * DAY
    owed = shop.stripe_invoice(
        "in2",
        billing_reason="subscription_cycle",
        status="open",
        due_date=START + due,
        created=START + PERIOD,
    )
    told = (
        shop.subscription("updated", "past_due", at=due + 60),
        shop.subscription("updated", "active", at=PERIOD, name="renewed"),
    )
    required = Required(
        sales=PAID,
        subscriptions={"a": "past_due"},
        parcels={"a": 3},
        access="grace",
        held=(Held("grace", until=due + 14 * DAY),),
    )
    return Scenario(
        "15h",
        "an overdue renewal by invoice",
        tag,
        (shop.sold(),),
        told,
        required,
        Truth(open_invoices=(owed,)),
        before=purchase(shop),
        timed=True,
        at=due + DAY,
    )


def _items(tag: str, *priced: tuple[str, int]) -> Json:
    data = [
        {
            "id": f"si_{price}",
            "quantity": quantity,
            "current_period_end": START + PERIOD,
            "price": {"id": f"price_{price}_{tag}", "product": f"prod_{price}_{tag}", "metadata": {}},
        }
        for price, quantity in priced
    ]
    return {"object": "list", "data": data, "has_more": False}


def plan_and_seats(tag: str) -> Scenario:
    """26. Monthly to yearly beside an add-on, seats, a pause of collection, an end that is taken back."""
    shop = Shop(tag)
    yearly: dict[str, Any] = {"items": _items(tag, ("addon", 40), ("y", 7))}
    told = (
        shop.subscription("updated", "active", at=100, name="three", items=_items(tag, ("m", 3))),
        shop.subscription("updated", "active", at=200, name="yearly", **yearly),
        shop.subscription(
            "updated",
            "active",
            at=300,
            name="ending",
            **yearly,
            cancel_at=START + PERIOD,
            pause_collection={"behavior": "void"},
        ),
        shop.subscription("updated", "active", at=400, name="resumed", **yearly),
        shop.subscription("updated", "active", at=500, name="alone", items=_items(tag, ("addon", 40))),
    )
    since = moment(START - DAY - moment().timestamp())
    catalogue = tuple(
        KnownPrice(id=f"price_{name[0]}_{tag}", since=since, product=ProductId(name))
        for name in ("monthly", "yearly")
    )
    required = Required(
        sales=PAID, subscriptions=ACTIVE, parcels={"a": 3}, held=(Held("full", plan="yearly", seats=7),)
    )
    return Scenario(
        "26",
        "plan, seats, pause and end",
        tag,
        (shop.sold(),),
        told,
        required,
        before=purchase(shop),
        catalogue=catalogue,
    )


def made_again(tag: str) -> Scenario:
    """29. A migration makes the subscription again with our mark; the old one's end comes late."""
    shop = Shop(tag)
    again = {"id": shop.name("sub2"), "customer": shop.name("cus2"), "created": START + PERIOD}
    told = (
        shop.subscription("created", "active", at=PERIOD, name="again", **again),
        shop.subscription("updated", "active", at=PERIOD + DAY, name="seats", quantity=4, **again),
        shop.paid(at=PERIOD + 30, invoice="in4", subscription="sub2"),
        shop.subscription("deleted", "canceled", at=PERIOD + 60),
    )
    required = Required(
        sales=PAID,
        subscriptions={"a": "canceled", "a2": "active"},
        parcels={"a": 3},
        named="a2",
    )
    return Scenario(
        "29", "a subscription made again", tag, (shop.sold(),), told, required, before=purchase(shop)
    )


def customer_deleted(tag: str) -> Scenario:
    """29. A deleted customer ends what it pays for, also where the end of the subscription itself gets lost."""
    shop = Shop(tag)
    told = (
        shop.subscription("updated", "active", at=500, name="seats", quantity=4),
        shop.customer_deleted(at=600),
    )
    required = Required(
        sales=PAID,
        subscriptions={"a": "canceled"},
        parcels={"a": 3},
        access="none",
        held=(Held("none", seats=4),),
    )
    return Scenario("29b", "a deleted customer", tag, (shop.sold(),), told, required, before=purchase(shop))


ACCESS_SCENARIOS = (
    grace,
    grace_is_over,
    two_unpaid_renewals,
    unpaid_by_invoice,
    plan_and_seats,
    made_again,
    customer_deleted,
)

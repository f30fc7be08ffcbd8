"""Scenario 30: a consumer withdraws amid the parcel, the money and what a person decides."""

from purchase import ACTIVE, PAID, purchase, traceable
from refund_scenarios import reported
from scenario import Required, Scenario, Told, declared_at_storefront, enter
from shop import START, TOTAL, Shop

from egpay.domain.acts import Act
from egpay.domain.events import CaseClosed, Source
from egpay.domain.shipment import Progress
from egpay.domain.values import MessageId
from egpay.domain.withdrawal import declare
from egpay.testing.builders import moment

TWO = ("introduction", "withdrawal_received")
"""The receipt leaves at once, whatever became of the order."""


def withdraws(shop: Shop, *, at: int, statement: str | None = None) -> Told:
    """A consumer withdraws from the sale, or from what the statement names."""
    when = moment(START + at - int(moment().timestamp()))
    return declared_at_storefront(
        declare(shop.sale_id, name="Ada", email=shop.buyer, statement=statement, at=when)
    )


def close_case(shop: Shop, seen: Told, *, at: int) -> Told:
    """An operator closes the case who saw this declaration and no other."""
    assert seen.declared
    when = moment(START + at - int(moment().timestamp()))
    event = CaseClosed(
        id=MessageId(f"act_close_{shop.own}"),
        occurred_at=when,
        source=Source.OPERATOR,
        sale_id=shop.sale_id,
        case_id=f"withdrawal:{shop.sale_id}",
        case_subject=shop.sale_id,
        weight=1,
        about=(seen.declared.id,),
    )
    return enter("close case", Act(event=event, who="grace", why="the buyer keeps it after all"))


def withdrawn(
    number: str, name: str, shop: Shop, required: Required, *told: Told, before: tuple[Told, ...] = ()
) -> Scenario:
    """Builds a scenario of a purchase that was paid before the disorder began."""
    first = (*purchase(shop), *before)
    return Scenario(number, name, shop.tag, (shop.sold(),), told, required, traceable(shop), before=first)


def delivered(shop: Shop) -> tuple[Told, Told]:
    """The parcel leaves and arrives."""
    return (
        reported(shop, Progress.SHIPPED, "shipment.shipped", at=20),
        reported(shop, Progress.DELIVERED, "shipment.delivered", at=30),
    )


def after_delivery(tag: str) -> Scenario:
    """30. Withdrawn after the delivery: a person is asked, and nothing else changes."""
    shop = Shop(tag)
    required = Required(
        sales=PAID, subscriptions=ACTIVE, letters=TWO, parcels={"a": 3}, cases=("withdrawal",)
    )
    return withdrawn(
        "30a", "withdrawn after delivery", shop, required, *delivered(shop), withdraws(shop, at=100)
    )


def amid_payment(tag: str) -> Scenario:
    """30. Withdrawn while the news of the payment is on its way: it holds no devices, a person decides."""
    shop = Shop(tag)
    told = (*purchase(shop)[1:3], purchase(shop)[4], withdraws(shop, at=100))
    required = Required(
        sales=PAID, subscriptions=ACTIVE, letters=TWO, parcels={"a": 3}, cases=("withdrawal",)
    )
    sold = (shop.sold(),)
    return Scenario("30b", "withdrawn as it is paid", tag, sold, told, required, traceable(shop))


def refunded(tag: str) -> Scenario:
    """30. All money goes back: the withdrawal is done with, whichever is told first."""
    shop = Shop(tag)
    required = Required(
        sales={"a": "refunded"},
        subscriptions=ACTIVE,
        letters=TWO,
        parcels={"a": 3},
        gone={"a": TOTAL},
        cases=("refunded_but_running", "return"),
    )
    told = (withdraws(shop, at=100), shop.refund(at=150), shop.refunded(at=150))
    return withdrawn("30c", "withdrawn and refunded", shop, required, *delivered(shop), *told)


def part_refunded(tag: str) -> Scenario:
    """30. A part goes back after a withdrawal from a part: whether that is all, a person says."""
    shop = Shop(tag)
    required = Required(
        sales=PAID,
        subscriptions=ACTIVE,
        letters=TWO,
        parcels={"a": 3},
        gone={"a": 600},
        cases=("withdrawal",),
    )
    told = (withdraws(shop, at=100, statement="one sensor"), shop.refunded(600, at=150))
    return withdrawn("30d", "withdrawn from a part", shop, required, *delivered(shop), *told)


def twice(tag: str) -> Scenario:
    """30. Two declarations of other words: each has its receipt, one case is open."""
    shop = Shop(tag)
    required = Required(
        sales=PAID,
        subscriptions=ACTIVE,
        letters=("introduction", "withdrawal_received", "withdrawal_received"),
        parcels={"a": 3},
        cases=("withdrawal",),
    )
    told = (withdraws(shop, at=100, statement="one sensor"), withdraws(shop, at=200))
    return withdrawn("30e", "withdrawn twice", shop, required, *delivered(shop), *told)


def closed(tag: str) -> Scenario:
    """30. A person closed the case: told again, it stays closed for the same declaration."""
    shop = Shop(tag)
    required = Required(sales=PAID, subscriptions=ACTIVE, letters=TWO, parcels={"a": 3})
    first = withdraws(shop, at=100)
    told = (close_case(shop, first, at=150), first, *delivered(shop))
    return withdrawn("30f", "withdrawn, case closed", shop, required, *told, before=(first,))


def closed_before_more(tag: str) -> Scenario:
    """30. Withdrawn once more than who closed the case had seen: it is open, whichever comes first."""
    shop = Shop(tag)
    required = Required(
        sales=PAID,
        subscriptions=ACTIVE,
        letters=("introduction", "withdrawal_received", "withdrawal_received"),
        parcels={"a": 3},
        cases=("withdrawal",),
    )
    first = withdraws(shop, at=100, statement="one sensor")
    told = (close_case(shop, first, at=150), withdraws(shop, at=200), *delivered(shop))
    return withdrawn("30g", "withdrawn again after it was closed", shop, required, *told, before=(first,))


def disputed(tag: str) -> Scenario:
    """30. The buyer's bank takes the money back as well: nothing is left to give back."""
    shop = Shop(tag)
    required = Required(
        sales={"a": "refunded"},
        subscriptions=ACTIVE,
        letters=TWO,
        parcels={"a": 3},
        gone={"a": TOTAL},
        cases=("refunded_but_running", "return"),
    )
    told = (shop.dispute("needs_response", at=110), shop.dispute("lost", at=190), withdraws(shop, at=100))
    return withdrawn("30h", "withdrawn and disputed", shop, required, *told, before=delivered(shop))


def refund_failed(tag: str) -> Scenario:
    """30. The refund fails: the buyer still has nothing back, and both are asked for, whichever is told first."""
    shop = Shop(tag)
    required = Required(
        sales=PAID,
        subscriptions=ACTIVE,
        letters=TWO,
        parcels={"a": 3},
        cases=("refund_failed", "withdrawal"),
    )
    told = (withdraws(shop, at=100), shop.refund(at=150), shop.refund_failed(at=190, made=150))
    return withdrawn("30i", "withdrawn, the refund fails", shop, required, *told, before=delivered(shop))


WITHDRAWAL_SCENARIOS = (
    after_delivery,
    amid_payment,
    refunded,
    part_refunded,
    twice,
    closed,
    closed_before_more,
    disputed,
    refund_failed,
)

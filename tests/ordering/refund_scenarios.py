"""Scenario 14: refunds and disputes, before the devices leave and after."""

import json

from purchase import ACTIVE, PAID, purchase, traceable
from scenario import Required, Scenario, Told
from shop import START, TOTAL, Shop

from egpay.domain.events import ShipmentReported, Source
from egpay.domain.shipment import Progress
from egpay.domain.values import MessageId
from egpay.ports.inbox import Disposition, Receipt
from egpay.testing.builders import moment

GONE = Required(
    sales={"a": "refunded"},
    subscriptions=ACTIVE,
    gone={"a": TOTAL},
    cases=("refunded_but_running",),
)
"""All money is gone before anything left; the subscription would charge again, and a person is asked."""


def reported(
    shop: Shop, progress: Progress, kind: str, *, at: int, parcel: str | None = None, link: str = "1"
) -> Told:
    """Builds the warehouse's callback."""
    url = f"https://track.example/{link}"
    data = {"sale_id": shop.sale_id, "carrier": "Quick", "tracking_url": url}
    data |= {"parcel": parcel} if parcel else {}
    occurred = moment(START + at - int(moment().timestamp()))
    body = {"type": kind, "timestamp": occurred.isoformat(), "data": data}
    number = f"msg_{kind}_{shop.own}" + ("" if link == "1" else f"_{link}")
    event = ShipmentReported(
        id=MessageId(f"warehouse:{number}"),
        occurred_at=occurred,
        source=Source.WAREHOUSE,
        sale_id=shop.sale_id,
        progress=progress,
        carrier="Quick",
        tracking_url=url,
        parcel=parcel,
    )
    receipt = Receipt(
        source=Source.WAREHOUSE,
        event_id=event.id,
        type=kind,
        body=json.dumps(body).encode(),
        occurred_at=occurred,
        disposition=Disposition.ACCEPTED,
        event=event,
        sale_id=shop.sale_id,
    )
    return Told(kind, number, receipt.body, receipt, door="warehouse")


def refunded(tag: str) -> Scenario:
    """14a. A full refund before dispatch: nothing leaves."""
    shop = Shop(tag)
    told = (*purchase(shop)[1:], shop.refund(at=50), shop.refunded(at=50))
    return Scenario("14a", "refunded before dispatch", tag, (shop.sold(),), told, GONE, traceable(shop))


def refunded_after(tag: str) -> Scenario:
    """14a. A full refund after dispatch: a person has to ask for the devices."""
    shop = Shop(tag)
    told = (
        shop.refunded(at=50),
        reported(shop, Progress.ACCEPTED, "shipment.accepted", at=10),
        reported(shop, Progress.SHIPPED, "shipment.shipped", at=20),
        reported(shop, Progress.DELIVERED, "shipment.delivered", at=30),
    )
    required = Required(
        sales={"a": "refunded"},
        subscriptions=ACTIVE,
        parcels={"a": 3},
        gone={"a": TOTAL},
        cases=("refunded_but_running", "return"),
    )
    return Scenario(
        "14a'",
        "refunded after dispatch",
        tag,
        (shop.sold(),),
        told,
        required,
        traceable(shop),
        before=purchase(shop),
    )


def refunded_in_part(tag: str) -> Scenario:
    """14b. A part before dispatch: nothing says for which devices, so that all of them wait for a person."""
    shop = Shop(tag)
    told = (*purchase(shop)[1:], shop.refund(amount=600, at=50), shop.refunded(600, at=50))
    required = Required(sales=PAID, subscriptions=ACTIVE, gone={"a": 600}, cases=("part_refunded",))
    return Scenario("14b", "refunded in part", tag, (shop.sold(),), told, required, traceable(shop))


def refunded_in_parts(tag: str) -> Scenario:
    """14b. Two partial refunds that add up are the whole."""
    shop = Shop(tag)
    told = (
        purchase(shop)[1],
        *purchase(shop)[3:],
        shop.refund("re1", 600, at=50),
        shop.refunded(600, at=50),
        shop.refund("re2", TOTAL - 600, at=60),
        shop.refunded(TOTAL, at=60),
    )
    return Scenario("14b'", "refunded in two parts", tag, (shop.sold(),), told, GONE, traceable(shop))


def refund_failed(tag: str) -> Scenario:
    """14f. A full refund fails: nothing leaves, the sale is paid, and a person decides."""
    shop = Shop(tag)
    told = (
        purchase(shop)[1],
        *purchase(shop)[3:],
        shop.refunded(at=50),
        shop.refund(at=50, status="pending"),
        shop.refund_failed(at=80),
        shop.refund_failed(at=81, kind="charge.refund.updated"),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, cases=("paid_not_shipped", "refund_failed"))
    return Scenario("14f", "a refund that fails", tag, (shop.sold(),), told, required, traceable(shop))


def refund_failed_and_repeated(tag: str) -> Scenario:
    """14f. A partial refund, then the rest, which fails and is refunded in another way."""
    shop = Shop(tag)
    told = (
        purchase(shop)[1],
        purchase(shop)[4],
        shop.refunded(600, at=40),
        shop.refunded(at=50),
        shop.refund_failed("re2", TOTAL - 600, at=80),
        shop.refunded(at=90),
    )
    required = GONE
    return Scenario(
        "14f'", "a refund that fails and is repeated", tag, (shop.sold(),), told, required, traceable(shop)
    )


def dispute_won(tag: str) -> Scenario:
    """14c and 14e. Held, then released; the verdict may come before the charge itself."""
    shop = Shop(tag)
    disputed = (shop.dispute("needs_response", at=50), shop.dispute("won", at=90))
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3})
    told = (*purchase(shop)[1:], *disputed)
    return Scenario("14c", "a dispute that is won", tag, (shop.sold(),), told, required, traceable(shop))


def dispute_lost(tag: str) -> Scenario:
    """14c. Held, then cancelled."""
    shop = Shop(tag)
    disputed = (shop.dispute("needs_response", at=50), shop.dispute("lost", at=90))
    told = (*purchase(shop)[1:], *disputed)
    return Scenario("14c'", "a dispute that is lost", tag, (shop.sold(),), told, GONE, traceable(shop))


def dispute_open(tag: str) -> Scenario:
    """14c. While the bank has not decided, nothing leaves."""
    shop = Shop(tag)
    told = (*purchase(shop), shop.dispute("needs_response", at=50))
    required = Required(sales=PAID, subscriptions=ACTIVE, cases=("dispute",))
    return Scenario("14c''", "an open dispute", tag, (shop.sold(),), told, required, traceable(shop))


def cancelled_then_disputed(tag: str) -> Scenario:
    """14d. What an operator cancelled and refunded stays so, even if the bank then decides for us."""
    shop = Shop(tag)
    told = (
        shop.refunded(at=50),
        shop.dispute("needs_response", at=60),
        shop.dispute("won", at=90),
        shop.paid(at=1),
    )
    required = Required(
        sales={"a": "cancelled"}, subscriptions=ACTIVE, gone={"a": TOTAL}, cases=("refunded_but_running",)
    )
    return Scenario(
        "14d",
        "cancelled, refunded, then disputed",
        tag,
        (shop.cancelled(),),
        told,
        required,
        traceable(shop),
        before=purchase(shop),
    )


REFUND_SCENARIOS = (
    refunded,
    refunded_after,
    refunded_in_part,
    refunded_in_parts,
    refund_failed,
    refund_failed_and_repeated,
    dispute_won,
    dispute_lost,
    dispute_open,
    cancelled_then_disputed,
)

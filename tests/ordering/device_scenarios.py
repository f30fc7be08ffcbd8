"""Scenarios 15, 22 and 28 (goods): free orders, sums that do not fit, parcels that fail, part, come back or get lost."""

from typing import Any

from purchase import ACTIVE, PAID, purchase, traceable
from refund_scenarios import reported
from scenario import Required, Scenario, Told
from shop import TOTAL, Shop

from egpay.domain.shipment import Progress

SENT = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3})


def settled(number: str, name: str, shop: Shop, required: Required, *told: Told) -> Scenario:
    """Builds a scenario of a purchase whose own payment is told in this way."""
    running = shop.subscription("updated", "active", at=1)
    return Scenario(number, name, shop.tag, (shop.sold(),), (running, *told), required, traceable(shop))


def parcel(number: str, name: str, shop: Shop, required: Required, *told: Told) -> Scenario:
    """Builds a scenario of devices that the warehouse was asked to send before the disorder began."""
    sold, before = (shop.sold(),), purchase(shop)
    return Scenario(number, name, shop.tag, sold, told, required, traceable(shop), before=before)


def free(tag: str) -> Scenario:
    """15 and 28. A coupon over everything: no payment is required, and the devices leave."""
    shop = Shop(tag)
    free_of_charge: dict[str, Any] = {"amount_total": 0, "payment_status": "no_payment_required"}
    page, invoice = shop.completed(**free_of_charge), shop.paid(amount_paid=0, amount_due=0)
    return settled("15g", "a free order", shop, SENT, page, invoice)


def discounted(tag: str) -> Scenario:
    """28. A discount and a balance are not compared: what the lines cost is what was ordered."""
    shop = Shop(tag)
    page, invoice = shop.completed(amount_total=9_900), shop.paid(amount_paid=1_200, amount_due=1_200)
    return settled("28c", "a discount and a balance", shop, SENT, page, invoice)


def lost_beside_a_balance(tag: str) -> Scenario:
    """28. A balance paid most of it, and the bank takes back what the card paid: nothing of it is left."""
    shop = Shop(tag)
    told = (
        shop.completed(amount_total=9_900),
        shop.paid(amount_paid=1_200, amount_due=1_200),
        shop.dispute("lost", at=90, amount=1_200),
    )
    required = Required(
        sales={"a": "refunded"},
        subscriptions=ACTIVE,
        gone={"a": 1_200},
        cases=("refunded_but_running",),
    )
    return settled("28i", "a lost dispute beside a balance", shop, required, *told)


def one_cent(tag: str) -> Scenario:
    """28. 0.01 was asked for 166.00: a person compares before anything leaves."""
    shop = Shop(tag)
    page = shop.completed(amount_subtotal=1, amount_total=1)
    invoice = shop.paid(subtotal=1, amount_paid=1, amount_due=1)
    required = Required(sales=PAID, subscriptions=ACTIVE, cases=("amount",))
    return settled("28d", "one cent for an order", shop, required, page, invoice)


def credited(tag: str) -> Scenario:
    """28. A credit note and not money settled the invoice: nothing leaves before a person has looked."""
    shop = Shop(tag)
    credit: dict[str, Any] = {"pre_payment_credit_notes_amount": TOTAL, "amount_paid": 0, "amount_due": 0}
    told = (shop.paid(**credit), shop.paid(kind="payment_succeeded", **credit))
    required = Required(sales=PAID, subscriptions=ACTIVE, cases=("amount",))
    return settled("28e", "an invoice that a credit note settled", shop, required, *told)


def cannot_be_sent(tag: str) -> Scenario:
    """22. The warehouse fails before dispatch: a person asks why."""
    shop = Shop(tag)
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3}, cases=("not_shipped",))
    return parcel("22a", "cannot be sent", shop, required, *_accepted(shop), _failed(shop, at=20))


def sent_after_all(tag: str) -> Scenario:
    """22. It failed and was sent later: nothing is left to do."""
    shop = Shop(tag)
    told = (*_accepted(shop), _failed(shop, at=20), _shipped(shop, at=30))
    return parcel("22b", "sent after all", shop, SENT, *told)


def lost(tag: str) -> Scenario:
    """22. It failed after it left, and a part is refunded amid it: the parcel is looked for, the part is a line."""
    shop = Shop(tag)
    required = Required(
        sales=PAID, subscriptions=ACTIVE, parcels={"a": 3}, gone={"a": 600}, cases=("parcel_lost",)
    )
    told = (_shipped(shop, at=20), _failed(shop, at=90), shop.refunded(600, at=50))
    return parcel("22c", "lost on its way", shop, required, *told)


def back(tag: str) -> Scenario:
    """22. A parcel comes back after it was called lost: a person asks for the right address."""
    shop = Shop(tag)
    told = (_shipped(shop, at=20), _failed(shop, at=60), _returned(shop, at=90))
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3}, cases=("parcel_back",))
    return parcel("22d", "came back", shop, required, *told)


def back_and_refunded(tag: str) -> Scenario:
    """22. It came back and the money went back: neither is asked for."""
    shop = Shop(tag)
    required = Required(
        sales={"a": "refunded"},
        subscriptions=ACTIVE,
        parcels={"a": 3},
        gone={"a": TOTAL},
        cases=("refunded_but_running",),
    )
    told = (_shipped(shop, at=20), _returned(shop, at=60), shop.refunded(at=90))
    return parcel("22e", "came back and was refunded", shop, required, *told)


def two_parcels(tag: str) -> Scenario:
    """22. Two parcels, the tracking of the first is corrected, the second is lost."""
    shop = Shop(tag)
    told = (
        _shipped(shop, at=20, parcel="P1", link="p1"),
        _shipped(shop, at=25, parcel="P2", link="p2"),
        _shipped(shop, at=30, parcel="P1", link="p1_corrected"),
        _failed(shop, at=90, parcel="P2", link="p2_lost"),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3}, cases=("parcel_lost",))
    return parcel("22f", "two parcels", shop, required, *told)


def disputed_amid(tag: str) -> Scenario:
    """22. A dispute is lost while the parcel is on its way, which comes back: the money decides, nothing is asked for."""
    shop = Shop(tag)
    told = (
        _shipped(shop, at=20),
        shop.dispute("needs_response", at=30),
        shop.dispute("lost", at=90),
        _returned(shop, at=60),
    )
    required = Required(
        sales={"a": "refunded"},
        subscriptions=ACTIVE,
        parcels={"a": 3},
        gone={"a": TOTAL},
        cases=("refunded_but_running",),
    )
    return parcel("22g", "came back amid a dispute", shop, required, *told)


def _accepted(shop: Shop) -> tuple[Told, ...]:
    return (reported(shop, Progress.ACCEPTED, "shipment.accepted", at=10),)


def _shipped(shop: Shop, *, at: int, parcel: str | None = None, link: str = "1") -> Told:
    return reported(shop, Progress.SHIPPED, "shipment.shipped", at=at, parcel=parcel, link=link)


def _failed(shop: Shop, *, at: int, parcel: str | None = None, link: str = "1") -> Told:
    return reported(shop, Progress.FAILED, "shipment.failed", at=at, parcel=parcel, link=link)


def _returned(shop: Shop, *, at: int) -> Told:
    return reported(shop, Progress.RETURNED, "shipment.returned", at=at)


DEVICE_SCENARIOS = (
    free,
    discounted,
    lost_beside_a_balance,
    one_cent,
    credited,
    cannot_be_sent,
    sent_after_all,
    lost,
    back,
    back_and_refunded,
    two_parcels,
    disputed_amid,
)

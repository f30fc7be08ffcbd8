"""Scenario 27: acts of operators amid the events that they concern, in every order, each twice."""

from typing import Any

from purchase import ACTIVE, purchase, traceable
from refund_scenarios import reported
from scenario import Required, Scenario, Told, enter
from shop import START, TOTAL, Shop

from egpay.domain.acts import Act
from egpay.domain.cancellation import CancelledMoney
from egpay.domain.events import SaleCancelled, Source
from egpay.domain.shipment import Progress
from egpay.domain.values import MessageId
from egpay.testing.builders import moment

CANCELLED = {"a": "cancelled"}


def base(shop: Shop, name: str, at: int) -> dict[str, Any]:
    """Builds what every act's event has."""
    return {
        "id": MessageId(f"act_{name}_{shop.own}"),
        "occurred_at": moment(START + at - int(moment().timestamp())),
        "source": Source.OPERATOR,
        "sale_id": shop.sale_id,
    }


def cancel(shop: Shop, *, at: int, money: CancelledMoney | None = None) -> Told:
    """An operator cancels the sale."""
    event = SaleCancelled(**base(shop, "cancel", at), money=money)
    return enter("cancel", Act(event=event, who="grace", why="the buyer asked"))


def cancelled_unpaid(tag: str) -> Scenario:
    """27. Cancelled while its page is open, which then expires: nothing was paid, nothing is left to do."""
    shop = Shop(tag)
    told = (cancel(shop, at=100), shop.expired(at=101))
    required = Required(sales=CANCELLED, organisations=0, letters=(), access="none")
    return Scenario("27a", "cancelled before it is paid", tag, (shop.sold(),), told, required)


def cancelled_and_paid(tag: str) -> Scenario:
    """27. Cancelled while it was in truth paid, with no word about the money: a person decides."""
    shop = Shop(tag)
    told = (*purchase(shop)[1:3], purchase(shop)[4], cancel(shop, at=100))
    required = Required(sales=CANCELLED, subscriptions=ACTIVE, cases=("paid_after_end",))
    return Scenario(
        "27b", "cancelled though it is paid", tag, (shop.sold(),), told, required, traceable(shop)
    )


def cancelled_kept(tag: str) -> Scenario:
    """27. Cancelled before its devices leave, and the money is kept."""
    shop = Shop(tag)
    told = (*purchase(shop)[1:3], purchase(shop)[4], cancel(shop, at=100, money=CancelledMoney.KEEP))
    required = Required(sales=CANCELLED, subscriptions=ACTIVE)
    return Scenario("27c", "cancelled, money kept", tag, (shop.sold(),), told, required, traceable(shop))


def cancelled_as_it_leaves(tag: str) -> Scenario:
    """27. Cancelled while its parcel leaves: it is asked for, whichever is heard first."""
    shop = Shop(tag)
    told = (
        cancel(shop, at=100, money=CancelledMoney.KEEP),
        reported(shop, Progress.ACCEPTED, "shipment.accepted", at=10),
        reported(shop, Progress.SHIPPED, "shipment.shipped", at=99),
    )
    required = Required(sales=CANCELLED, subscriptions=ACTIVE, parcels={"a": 3}, cases=("return",))
    return Scenario(
        "27d",
        "cancelled as it leaves",
        tag,
        (shop.sold(),),
        told,
        required,
        traceable(shop),
        before=purchase(shop),
    )


def cancelled_and_refunded(tag: str) -> Scenario:
    """27. Cancelled and given back at Stripe: nothing leaves, and the subscription that goes on is asked about."""
    shop = Shop(tag)
    told = (*purchase(shop)[1:3], purchase(shop)[4], cancel(shop, at=100), shop.refunded(at=120))
    required = Required(
        sales=CANCELLED, subscriptions=ACTIVE, gone={"a": TOTAL}, cases=("refunded_but_running",)
    )
    return Scenario("27e", "cancelled and refunded", tag, (shop.sold(),), told, required, traceable(shop))


ACT_SCENARIOS = (
    cancelled_unpaid,
    cancelled_and_paid,
    cancelled_kept,
    cancelled_as_it_leaves,
    cancelled_and_refunded,
)

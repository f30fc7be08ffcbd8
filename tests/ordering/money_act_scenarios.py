"""Scenario 27: an operator's refunds and ends amid what Stripe and the warehouse report, in every order, twice."""

from typing import Any

from act_scenarios import CANCELLED, base, cancel
from purchase import ACTIVE, DAY, PAID, PERIOD, purchase, traceable
from refund_scenarios import GONE, reported
from scenario import Required, Scenario, Told, Truth, enter
from shop import START, TOTAL, Shop

from egpay.domain.acts import Act
from egpay.domain.cancellation import CancelledMoney
from egpay.domain.events import RefundRequested, SubscriptionEndRequested
from egpay.domain.refund_requests import OrderedLine, RefundTerms
from egpay.domain.shipment import Progress
from egpay.domain.values import PaymentIntentId, ProductId, SubscriptionId

SENSOR = ProductId("sensor")
ORDERED = (
    OrderedLine(product=SENSOR, quantity=3, unit_due=4_900, device=True),
    OrderedLine(product=ProductId("monitoring-monthly"), quantity=1, unit_due=1_900),
)


def refund(shop: Shop, *, at: int = 40, **terms: Any) -> Told:
    """An operator gives money back."""
    event = RefundRequested(
        **base(shop, "refund", at),
        payment_id=shop.sale_id,
        payment_intent_id=PaymentIntentId(shop.name("pi_in")),
        terms=RefundTerms(**terms),
    )
    return enter("refund", Act(event=event, who="grace", why="the buyer asked"))


def by_line(shop: Shop, quantity: int) -> Told:
    """An operator gives back devices by line."""
    return refund(shop, lines={SENSOR: quantity}, ordered=ORDERED)


def end(shop: Shop, *, at: int, at_period_end: bool) -> Told:
    """An operator ends the subscription."""
    event = SubscriptionEndRequested(
        **base(shop, "end", at),
        subscription_id=SubscriptionId(shop.name("sub")),
        at_period_end=at_period_end,
    )
    return enter("end", Act(event=event, who="grace", why="the buyer asked"))


def made(shop: Shop, amount: int = TOTAL, *, act: str = "refund", **fields: Any) -> Told:
    """RC of the refund that an act led to."""
    return shop.refund(amount=amount, at=50, metadata={"egpay_act": f"act_{act}_{shop.own}"}, **fields)


def settled(shop: Shop) -> Told:
    """RU of it, a little later."""
    return made(shop, kind="refund.updated", status="succeeded", made=50)


def story(
    number: str,
    name: str,
    shop: Shop,
    told: tuple[Told, ...],
    required: Required,
    *,
    before: tuple[Told, ...] = (),
    truth: Truth | None = None,
) -> Scenario:
    """Builds the scenario of one purchase that is settled, and what an operator did then."""
    sold = (shop.sold(),)
    return Scenario(
        number,
        name,
        shop.tag,
        sold,
        told,
        required,
        truth or traceable(shop),
        before=(*purchase(shop), *before),
    )


def given_back(tag: str) -> Scenario:
    """27f. All of it, before anything left: nothing leaves, and the subscription that goes on is asked about."""
    shop = Shop(tag)
    pending = made(shop, status="pending")
    told = (
        refund(shop),
        pending,
        settled(shop),
        reported(shop, Progress.ACCEPTED, "shipment.accepted", at=10),
    )
    return story("27f", "an operator gives all of it back", shop, told, GONE)


def given_back_as_it_leaves(tag: str) -> Scenario:
    """27g. All of it while the parcel leaves: the devices are asked for, whichever is heard first."""
    shop = Shop(tag)
    told = (refund(shop), made(shop), reported(shop, Progress.SHIPPED, "shipment.shipped", at=45))
    required = Required(
        sales={"a": "refunded"},
        subscriptions=ACTIVE,
        parcels={"a": 3},
        gone={"a": TOTAL},
        cases=("refunded_but_running", "return"),
    )
    return story("27g", "an operator gives all of it back as it leaves", shop, told, required)


def given_back_in_part(tag: str) -> Scenario:
    """27h. An amount, before anything left: nothing says for which devices, so that a person decides."""
    shop = Shop(tag)
    told = (refund(shop, amount=600), made(shop, 600))
    required = Required(sales=PAID, subscriptions=ACTIVE, gone={"a": 600}, cases=("part_refunded",))
    return story("27h", "an operator gives an amount back", shop, told, required)


def given_back_by_line(tag: str) -> Scenario:
    """27i. One of three devices before they left: its price goes back, and two leave."""
    shop = Shop(tag)
    told = (
        by_line(shop, 1),
        made(shop, 4_900),
        reported(shop, Progress.ACCEPTED, "shipment.accepted", at=10),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 2}, gone={"a": 4_900})
    return story("27i", "an operator gives back one device", shop, told, required)


def given_back_every_device(tag: str) -> Scenario:
    """27j. Every device by line: nothing leaves, and the subscription goes on with its own money."""
    shop = Shop(tag)
    told = (by_line(shop, 3), made(shop, 14_700), shop.renewed(at=PERIOD))
    required = Required(sales=PAID, subscriptions=ACTIVE, gone={"a": 14_700})
    return story("27j", "an operator gives back every device", shop, told, required)


def given_back_by_line_after_dispatch(tag: str) -> Scenario:
    """27k. One of three devices after they left: money alone."""
    shop = Shop(tag)
    told = (
        by_line(shop, 1),
        made(shop, 4_900),
        reported(shop, Progress.DELIVERED, "shipment.delivered", at=60),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3}, gone={"a": 4_900})
    left = reported(shop, Progress.SHIPPED, "shipment.shipped", at=20)
    return story("27k", "an operator gives back a device that left", shop, told, required, before=(left,))


def goodwill(tag: str) -> Scenario:
    """27l. A part as goodwill: everything leaves, and no person is asked."""
    shop = Shop(tag)
    told = (refund(shop, amount=600, goodwill=True), made(shop, 600))
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3}, gone={"a": 600})
    return story("27l", "an operator gives goodwill", shop, told, required)


def refund_meets_a_dispute(tag: str) -> Scenario:
    """27m. The bank asked first, whichever we hear first: Stripe refuses, the dispute decides, nothing leaves."""
    shop = Shop(tag)
    told = (
        refund(shop),
        shop.dispute("needs_response", at=35),
        shop.dispute("under_review", at=60, kind="updated"),
    )
    truth = traceable(shop)
    truth = Truth(
        invoices=truth.invoices,
        invoice_of=truth.invoice_of,
        refused_refunds={f"act_refund_{shop.own}": "charge_disputed"},
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, cases=("dispute",))
    return story("27m", "an operator's refund meets a dispute", shop, told, required, truth=truth)


def refund_amid_an_inquiry(tag: str) -> Scenario:
    """27n. The bank only asks, and the charge can be refunded: the money goes back, and the inquiry is closed."""
    shop = Shop(tag)
    told = (
        shop.dispute("warning_needs_response", at=35, kind="created", is_charge_refundable=True),
        refund(shop),
        made(shop),
        shop.dispute("warning_closed", at=90, is_charge_refundable=False),
    )
    return story("27n", "an operator's refund amid an inquiry", shop, told, GONE)


def refund_that_fails(tag: str) -> Scenario:
    """27o. The refund of an act fails days later: the request has ended, nothing leaves, and a person is told."""
    shop = Shop(tag)
    told = (refund(shop), made(shop), made(shop, kind="refund.failed", status="failed", made=50))
    required = Required(sales=PAID, subscriptions=ACTIVE, cases=("paid_not_shipped", "refund_failed"))
    return story("27o", "an operator's refund that fails", shop, told, required)


def refunded_and_ended(tag: str) -> Scenario:
    """27p. All of it goes back and the subscription is ended at once: nothing is left to ask."""
    shop = Shop(tag)
    told = (
        refund(shop),
        made(shop),
        end(shop, at=70, at_period_end=False),
        shop.subscription("deleted", "canceled", at=80),
    )
    required = Required(
        sales={"a": "refunded"}, subscriptions={"a": "canceled"}, access="none", gone={"a": TOTAL}
    )
    return story("27p", "an operator gives all back and ends it", shop, told, required)


def ended_with_its_period(tag: str) -> Scenario:
    """27q. Ended with its period, while a renewal comes: it goes on until then."""
    shop = Shop(tag)
    told = (
        end(shop, at=2 * DAY, at_period_end=True),
        shop.subscription("updated", "active", at=2 * DAY + 1, name="ending", cancel_at=START + 2 * PERIOD),
        shop.renewed(at=PERIOD),
    )
    required = Required(sales=PAID, subscriptions=ACTIVE, parcels={"a": 3})
    return story("27q", "an operator ends it with its period", shop, told, required)


def cancelled_with_refund(tag: str) -> Scenario:
    """27r. Cancelled with a refund, whichever is heard first, the money or the act: it goes back, nothing leaves."""
    shop = Shop(tag)
    told = (
        *purchase(shop)[1:3],
        purchase(shop)[4],
        cancel(shop, at=100, money=CancelledMoney.REFUND),
        made(shop, act="cancel"),
    )
    required = Required(
        sales=CANCELLED, subscriptions=ACTIVE, gone={"a": TOTAL}, cases=("refunded_but_running",)
    )
    return Scenario(
        "27r", "an operator cancels with a refund", tag, (shop.sold(),), told, required, traceable(shop)
    )


MONEY_ACT_SCENARIOS = (
    given_back,
    given_back_as_it_leaves,
    given_back_in_part,
    given_back_by_line,
    given_back_every_device,
    given_back_by_line_after_dispatch,
    goodwill,
    refund_meets_a_dispute,
    refund_amid_an_inquiry,
    refund_that_fails,
    refunded_and_ended,
    ended_with_its_period,
    cancelled_with_refund,
)

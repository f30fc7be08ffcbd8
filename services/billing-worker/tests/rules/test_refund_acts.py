"""RULES 4 and 5: what an operator gives back, what of the parcel leaves, and when the request has ended."""

from typing import Any

import msgspec
import pytest
from purchase_events import (
    INSTALLATION,
    INTENT,
    SALE,
    SESSION,
    SUBSCRIPTION,
    FoldRecorder,
    a_sale,
    changed,
    completed,
    invoice,
    later,
)

from egpay.domain.acts import ActRecord
from egpay.domain.cancellation import CancelledMoney
from egpay.domain.commands import ChangeShipment, Command, EndSubscription, RefundPayment, ShipmentCommand
from egpay.domain.events import (
    DisputeReported,
    PaymentRefunded,
    RefundRefused,
    RefundReported,
    RefundRequested,
    SaleCancelled,
    ShipmentReported,
    Source,
    SubscriptionEndRequested,
)
from egpay.domain.foreign import RefundEnds
from egpay.domain.payment import Payment
from egpay.domain.refund_requests import OrderedLine, RefundTerms
from egpay.domain.refunds import RefundStatus
from egpay.domain.shipment import Progress, ShipmentStatus
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import InvoiceId, MessageId, ProductId, TotalDetails

SENSOR, PLAN = ProductId("sensor"), ProductId("plan")
ORDERED = (
    OrderedLine(product=SENSOR, quantity=3, unit_due=2_500, device=True),
    OrderedLine(product=PLAN, quantity=1, unit_due=2_400),
)
ACT = MessageId("act_1")


class Shop:
    """A sale of three sensors for 25.00 and a plan for 24.00, paid: 99.00."""

    def __init__(self, *paid: Any, **facts: Any) -> None:
        self.ledger = FoldRecorder(a_sale())
        if paid:
            self.ledger.hear(*paid)
            return
        self.ledger.hear(
            completed(payment_intent_id=INTENT, **facts),
            changed(SubscriptionStatus.ACTIVE),
            invoice(payment_intent_id=INTENT, amount=facts.get("amount", 9_900)),
        )

    def refund(
        self,
        amount: int | None = None,
        *,
        act: MessageId = ACT,
        at: int = 50,
        payment: str = SALE,
        goodwill: bool = False,
        **lines: int,
    ) -> "Shop":
        wanted = {ProductId(product): quantity for product, quantity in lines.items()}
        event = RefundRequested(
            id=act,
            occurred_at=later(at),
            source=Source.OPERATOR,
            sale_id=SALE,
            payment_id=payment,
            terms=RefundTerms(
                amount=amount, lines=wanted, ordered=ORDERED if wanted else (), goodwill=goodwill
            ),
        )
        return self.act(event)

    def act(self, event: RefundRequested | SaleCancelled | SubscriptionEndRequested) -> "Shop":
        self.ledger.pages.acts[event.id] = ActRecord(key=event.id, who="grace", why="the buyer asked")
        self.ledger.hear(event)
        assert self.ledger.parked == []
        return self

    @property
    def refusal(self) -> str:
        """Why the newest act did nothing."""
        entries = [
            one for one in self.ledger.outcomes[-1].entries if one.kind in ("act.refused", "act.doubted")
        ]
        return entries[0].what if entries else ""

    def hear(self, *events: Any) -> "Shop":
        self.ledger.hear(*events)
        return self

    @property
    def payment(self) -> Payment:
        return self.ledger.pages.payments[SALE]

    @property
    def asked(self) -> list[tuple[str, int]]:
        return [(one.id, one.amount) for one in self.commands if isinstance(one, RefundPayment)]

    @property
    def commands(self) -> list[Command]:
        return [one for outcome in self.ledger.outcomes for one in outcome.commands]

    @property
    def parcel(self) -> ShipmentStatus:
        return self.ledger.pages.shipments[SALE].status

    @property
    def to_the_warehouse(self) -> list[str]:
        return [type(one).__name__ for one in self.commands if isinstance(one, ShipmentCommand)]

    @property
    def cases(self) -> set[str]:
        return {one.kind.value for one in self.ledger.pages.cases.values() if one.is_open}


def refunded(
    amount: int = 9_900,
    at: int = 60,
    *,
    act: MessageId | None = ACT,
    status: RefundStatus = RefundStatus.SUCCEEDED,
    refund: str = "re_one",
) -> RefundReported:
    return RefundReported(
        id=MessageId(f"evt_{refund}_{status}_{at}"),
        occurred_at=later(at),
        source=Source.STRIPE,
        sale_id=SALE,
        payment_intent_id=INTENT,
        refund_id=refund,
        status=status,
        amount=amount,
        currency="eur",
        created_at=later(60),
        act=act,
    )


def total(amount: int, at: int = 60) -> PaymentRefunded:
    return PaymentRefunded(
        id=MessageId(f"evt_total_{at}"),
        occurred_at=later(at),
        source=Source.STRIPE,
        sale_id=SALE,
        payment_intent_id=INTENT,
        amount_refunded=amount,
        in_full=amount == 9_900,
    )


def refused(code: str = "charge_already_refunded", amount: int = 9_900, at: int = 60) -> RefundRefused:
    return RefundRefused(
        id=MessageId(f"refund:{ACT}:refused"),
        occurred_at=later(at),
        source=Source.RECONCILE,
        sale_id=SALE,
        payment_id=SALE,
        act=ACT,
        amount=amount,
        code=code,
        request_id="req_1",
    )


def disputed(status: str, *, refundable: bool | None = None, at: int = 40) -> DisputeReported:
    return DisputeReported(
        id=MessageId(f"evt_{status}_{at}"),
        occurred_at=later(at),
        source=Source.STRIPE,
        sale_id=SALE,
        payment_intent_id=INTENT,
        dispute_id="du_one",
        status=status,
        amount=9_900,
        currency="eur",
        refundable=refundable,
    )


def reported(progress: Progress, at: int = 20) -> ShipmentReported:
    return ShipmentReported(
        id=MessageId(f"warehouse:{progress}_{at}"),
        occurred_at=later(at),
        source=Source.WAREHOUSE,
        sale_id=SALE,
        progress=progress,
    )


def test_a_full_refund_holds_the_parcel_until_stripe_reports_it_and_then_cancels_it() -> None:
    shop = Shop().refund()
    assert shop.asked == [("refund:act_1", 9_900)]
    assert (shop.parcel, shop.payment.requested, shop.payment.gone) == (ShipmentStatus.HELD, 9_900, 0)
    shop.hear(total(9_900), refunded())
    assert (shop.parcel, shop.payment.requested, shop.payment.gone) == (ShipmentStatus.CANCELLED, 0, 9_900)
    assert shop.ledger.sale.refunded
    assert shop.cases == {"refunded_but_running"}
    answer = shop.payment.answer_to(ACT)
    assert answer is not None
    assert answer.amount == 9_900


def test_one_act_asks_once() -> None:
    shop = Shop().refund().refund()
    assert shop.asked == [("refund:act_1", 9_900)]


def test_a_second_refund_is_bounded_by_what_is_left_and_names_the_act_that_took_the_rest() -> None:
    shop = Shop().refund(9_000)
    assert shop.refund(2_000, act=MessageId("act_2")).refusal == (
        "20.00 EUR is more than the 9.00 EUR left: 99.00 EUR paid, 0.00 EUR gone, 90.00 EUR asked for by act_1"
        "; asked by grace: the buyer asked"
    )
    shop.refund(900, act=MessageId("act_3"))
    assert shop.refund(act=MessageId("act_4")).refusal.startswith("nothing is left to give back")
    assert shop.asked == [("refund:act_1", 9_000), ("refund:act_3", 900)]


def test_a_refund_of_a_part_holds_the_parcel_and_then_asks_a_person_which_devices_leave() -> None:
    shop = Shop().refund(500)
    assert (shop.parcel, shop.cases) == (ShipmentStatus.HELD, set())
    shop.hear(refunded(500))
    assert (shop.parcel, shop.cases) == (ShipmentStatus.HELD, {"part_refunded"})


@pytest.mark.parametrize("total_first", [False, True])
def test_a_refund_by_line_shortens_the_parcel_and_asks_no_person(total_first: bool) -> None:
    shop = Shop().refund(sensor=1)
    assert shop.asked == [("refund:act_1", 2_500)]
    shop.hear(*[total(2_500), refunded(2_500)][:: 1 if total_first else -1])
    shipment = shop.ledger.pages.shipments[SALE]
    assert (shipment.status, shipment.items) == (ShipmentStatus.REQUESTED, {SENSOR: 2})
    assert shop.to_the_warehouse == ["ShipDevices", "ChangeShipment"]
    assert shop.cases == set()


def test_two_refunds_by_line_add_up_and_the_last_device_stops_the_parcel() -> None:
    shop = Shop().refund(sensor=2).refund(act=MessageId("act_2"), sensor=1)
    assert shop.asked == [("refund:act_1", 5_000), ("refund:act_2", 2_500)]
    assert shop.parcel is ShipmentStatus.CANCELLED
    refusal = shop.refund(act=MessageId("act_3"), sensor=1).refusal
    assert refusal.startswith("1 sensor cannot go back: 0 of 3 are left")
    shop.refund(act=MessageId("act_4"), plan=1)
    assert shop.payment.refundable == 0


def test_a_refund_by_line_is_its_share_of_what_was_paid() -> None:
    shop = Shop(amount=8_910, totals=TotalDetails(discount=990)).refund(sensor=1)
    assert shop.asked == [("refund:act_1", 2_250)]


def test_a_refund_by_line_after_dispatch_is_money_alone() -> None:
    shop = Shop().hear(reported(Progress.SHIPPED)).refund(sensor=1).hear(refunded(2_500))
    assert (shop.parcel, shop.ledger.pages.shipments[SALE].items) == (ShipmentStatus.SHIPPED, {SENSOR: 2})
    assert (shop.payment.gone, shop.cases) == (2_500, set())
    assert shop.to_the_warehouse == ["ShipDevices"]
    [line] = [
        one.what
        for outcome in shop.ledger.outcomes
        for one in outcome.entries
        if one.kind == "refund.requested"
    ]
    assert line == (
        "25.00 EUR of payment sale_one to be given back for 1 sensor, money alone because its devices have left"
        " by grace: the buyer asked"
    )


def test_a_full_refund_after_dispatch_asks_for_the_devices() -> None:
    shop = Shop().hear(reported(Progress.SHIPPED)).refund().hear(refunded())
    assert (shop.parcel, shop.cases) == (ShipmentStatus.SHIPPED, {"refunded_but_running", "return"})


def test_goodwill_ships_everything_and_asks_no_person() -> None:
    shop = Shop().refund(500, goodwill=True).hear(total(500), refunded(500))
    assert (shop.parcel, shop.cases) == (ShipmentStatus.REQUESTED, set())
    assert shop.to_the_warehouse == ["ShipDevices"]


def test_a_further_part_that_is_no_goodwill_holds_what_is_left() -> None:
    shop = Shop().refund(500, goodwill=True).hear(refunded(500))
    shop.hear(refunded(300, 70, act=None, refund="re_two"))
    assert (shop.parcel, shop.cases) == (ShipmentStatus.HELD, {"part_refunded"})


def test_goodwill_is_no_refund_of_everything() -> None:
    assert Shop().refund(9_900, goodwill=True).refusal.startswith("goodwill is a part")


@pytest.mark.parametrize(
    ("status", "refundable", "barred"),
    [
        ("needs_response", None, True),
        ("needs_response", False, True),
        ("warning_needs_response", None, False),
        ("warning_needs_response", False, True),
        ("under_review", True, False),
        ("won", None, False),
    ],
)
def test_a_disputed_payment_is_refunded_only_where_stripe_says_that_it_can_be(
    status: str, refundable: bool | None, barred: bool
) -> None:
    shop = Shop().hear(disputed(status, refundable=refundable)).refund()
    assert shop.asked == ([] if barred else [("refund:act_1", 9_900)])
    assert shop.refusal.startswith(f"dispute du_one is {status}: accept it, or answer it") is barred
    assert shop.payment.requested == (0 if barred else 9_900)


def test_a_refusal_frees_the_amount_lifts_the_hold_and_tells_a_person() -> None:
    shop = Shop().refund().hear(refused())
    assert (shop.payment.requested, shop.payment.refundable) == (0, 9_900)
    assert (shop.parcel, shop.cases) == (ShipmentStatus.REQUESTED, {"refund_failed"})
    [case] = [one for one in shop.ledger.pages.cases.values() if one.is_open]
    assert "charge_already_refunded req_1" in case.what
    assert case.todo.startswith("all of it went back already")
    shop.refund(act=MessageId("act_2"), at=90)
    assert shop.cases == set()


def test_a_refusal_because_of_a_dispute_is_the_disputes_case_alone() -> None:
    shop = Shop().refund().hear(disputed("needs_response", at=55), refused("charge_disputed"))
    assert (shop.parcel, shop.cases) == (ShipmentStatus.HELD, {"dispute"})


def test_a_refund_that_fails_ends_the_request_and_can_be_asked_for_again() -> None:
    shop = Shop().refund(500).hear(refunded(500), refunded(500, 80, status=RefundStatus.FAILED))
    assert (shop.payment.requested, shop.payment.refundable) == (0, 9_900)
    assert shop.cases == {"refund_failed"}
    assert shop.refund(act=MessageId("act_2"), at=90).asked[-1] == ("refund:act_2", 9_900)


@pytest.mark.parametrize(
    ("paid", "words"),
    [
        (completed(paid=False), "nothing was paid"),
        (invoice(out_of_band=True), "it was paid outside of Stripe"),
        (invoice(amount=0), "nothing was paid"),
    ],
    ids=["pending", "transfer", "free"],
)
def test_nothing_goes_back_of_what_was_not_paid_at_stripe(paid: Any, words: str) -> None:
    shop = Shop(paid).refund()
    assert shop.refusal.startswith(words) or shop.refusal.startswith("there is no payment")
    assert shop.asked == []


def test_a_renewal_is_refunded_by_amount_and_never_by_line() -> None:
    renewal = InvoiceId("in_two")
    shop = Shop().hear(
        invoice(2, initial=False, invoice_id=renewal, amount=2_400, payment_intent_id="pi_two")
    )
    assert shop.refund(payment=renewal, plan=1).refusal.startswith("lines are of the order's own payment")
    shop.refund(act=MessageId("act_2"), payment=renewal)
    [command] = [one for one in shop.commands if isinstance(one, RefundPayment)]
    assert (command.payment_id, command.invoice_id, command.amount) == (renewal, renewal, 2_400)
    assert shop.parcel is ShipmentStatus.REQUESTED


def test_a_parcel_that_was_not_asked_for_yet_is_shortened_without_a_word_to_the_warehouse() -> None:
    shop = Shop(subtotal=1).refund(sensor=1)
    assert not any(isinstance(one, ChangeShipment) for one in shop.commands)
    assert shop.ledger.pages.shipments[SALE].items == {SENSOR: 2}


def test_the_subscription_of_a_full_refund_is_its_own_matter_as_after_any_refund() -> None:
    shop = Shop().refund().hear(refunded())
    assert f"refunded_but_running:{SUBSCRIPTION}" in shop.ledger.pages.cases


@pytest.mark.parametrize("how", [RefundEnds.NOW, RefundEnds.PERIOD_END])
def test_a_full_refund_ends_the_subscription_where_the_shop_says_so(how: RefundEnds) -> None:
    shop = Shop()
    pages = shop.ledger.pages
    pages.installations[INSTALLATION.id] = msgspec.structs.replace(INSTALLATION, refund_ends_subscription=how)
    shop.refund()
    assert [one for one in shop.commands if isinstance(one, EndSubscription)] == []
    shop.hear(refunded())
    [end] = [one for one in shop.commands if isinstance(one, EndSubscription)]
    assert (end.subscription_id, end.at_period_end, end.act) == (
        SUBSCRIPTION,
        how is RefundEnds.PERIOD_END,
        None,
    )


def cancelled(money: CancelledMoney | None = CancelledMoney.REFUND, at: int = 50) -> SaleCancelled:
    return SaleCancelled(id=ACT, occurred_at=later(at), source=Source.OPERATOR, sale_id=SALE, money=money)


def test_a_sale_that_is_cancelled_with_a_refund_gives_all_of_it_back_under_the_same_key() -> None:
    shop = Shop().act(cancelled())
    assert shop.asked == [("refund:act_1", 9_900)]
    assert (shop.parcel, shop.refusal) == (ShipmentStatus.CANCELLED, "")
    shop.hear(refunded())
    assert (shop.payment.gone, shop.cases) == (9_900, {"refunded_but_running"})


@pytest.mark.parametrize("at", [0, 300])
def test_money_that_is_heard_of_after_the_cancellation_goes_back_too(at: int) -> None:
    shop = Shop(completed(paid=False)).act(cancelled())
    assert shop.asked == []
    shop.hear(completed(2, payment_intent_id=INTENT, at=later(at)))
    assert (shop.asked, shop.cases) == ([("refund:act_1", 9_900)], set())


def test_a_cancellation_whose_money_cannot_go_back_is_objected_to_and_leaves_a_case() -> None:
    shop = Shop().hear(disputed("needs_response")).act(cancelled())
    assert shop.refusal.startswith("dispute du_one is needs_response")
    assert (shop.asked, shop.cases) == ([], {"dispute", "paid_after_end"})


def end(act: str = "act_1", *, at_period_end: bool = True, at: int = 50) -> SubscriptionEndRequested:
    return SubscriptionEndRequested(
        id=MessageId(act),
        occurred_at=later(at),
        source=Source.OPERATOR,
        sale_id=SALE,
        subscription_id=SUBSCRIPTION,
        at_period_end=at_period_end,
    )


@pytest.mark.parametrize("at_period_end", [False, True])
def test_an_end_is_asked_for_once_for_each_act(at_period_end: bool) -> None:
    shop = Shop().act(end(at_period_end=at_period_end))
    [command] = [one for one in shop.commands if isinstance(one, EndSubscription)]
    assert (command.id, command.at_period_end, command.act) == (
        f"end:{SUBSCRIPTION}:act_1",
        at_period_end,
        ACT,
    )


def test_an_end_that_is_set_or_has_come_is_not_asked_for_again() -> None:
    shop = Shop()
    ending = changed(SubscriptionStatus.ACTIVE, 2, at=later(30))
    report = msgspec.structs.replace(ending.report, cancel_at=later(9_000))
    shop.hear(msgspec.structs.replace(ending, report=report))
    assert "--now ends it at once" in shop.act(end()).refusal
    assert shop.act(end("act_2", at_period_end=False)).refusal == ""
    shop.hear(changed(SubscriptionStatus.CANCELED, 3, at=later(60)))
    assert "has ended: it is canceled" in shop.act(end("act_3", at_period_end=False)).refusal


def test_a_line_that_stripe_refused_and_is_given_back_once_more_takes_no_further_device() -> None:
    shop = Shop().refund(sensor=1).hear(refused("insufficient_funds", 2_500))
    shop.refund(act=MessageId("act_2"), at=90, sensor=1)
    assert shop.asked == [("refund:act_1", 2_500), ("refund:act_2", 2_500)]
    assert shop.ledger.pages.shipments[SALE].items == {SENSOR: 2}


def test_a_line_that_a_dispute_barred_takes_no_device_when_it_is_given_back_later() -> None:
    shop = Shop().hear(disputed("needs_response")).refund(sensor=2)
    shop.hear(disputed("won", at=60))
    shop.refund(act=MessageId("act_2"), at=90, sensor=1)
    assert shop.ledger.pages.shipments[SALE].items == {SENSOR: 2}


def test_a_refund_by_line_that_a_dispute_bars_is_about_the_price_of_its_lines() -> None:
    shop = Shop().hear(disputed("needs_response")).refund(sensor=1)
    assert shop.payment.refund_requests[ACT].amount == 2_500


def test_a_refusal_is_a_case_though_another_part_was_asked_for_while_it_was_awaited() -> None:
    shop = Shop().refund(500, goodwill=True).refund(300, act=MessageId("act_2"), at=55, goodwill=True)
    shop.hear(refused("insufficient_funds", 500), refunded(300, 70, act=MessageId("act_2")))
    assert shop.cases == {"refund_failed"}
    shop.refund(500, act=MessageId("act_3"), at=90, goodwill=True)
    assert shop.cases == set()


def test_what_a_cancellation_left_out_because_it_was_asked_for_already_is_a_case_when_stripe_refuses_it() -> (
    None
):
    part, whole = MessageId("act_part"), MessageId("act_1")
    shop = Shop().refund(500, act=part, at=40, goodwill=True).act(cancelled())
    assert shop.asked == [("refund:act_part", 500), ("refund:act_1", 9_400)]
    refusal = msgspec.structs.replace(refused("insufficient_funds", 500), id=MessageId("r"), act=part)
    shop.hear(refusal, refunded(9_400, 70, act=whole))
    assert "refund_failed" in shop.cases


def test_a_payment_that_was_named_as_a_second_one_is_given_back_as_the_sales_own_that_it_turned_out_to_be() -> (
    None
):
    two: dict[str, Any] = {"invoice_id": InvoiceId("in_two"), "payment_intent_id": "pi_two"}
    shop = Shop(completed(2, session_id="cs_two", **two), invoice(payment_intent_id=INTENT))
    shop.ledger.pages.sales[SALE] = msgspec.structs.replace(shop.ledger.sale, checkout_session_id=SESSION)
    shop.hear(completed(payment_intent_id=INTENT))
    event = RefundRequested(
        id=ACT,
        occurred_at=later(50),
        source=Source.OPERATOR,
        sale_id=SALE,
        payment_id="in_one",
        payment_intent_id=INTENT,
        terms=RefundTerms(),
    )
    shop.act(event)
    assert (shop.refusal, shop.asked) == ("", [(f"refund:{ACT}", 9_900)])
    assert shop.payment.requested == 9_900

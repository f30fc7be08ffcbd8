import itertools
from typing import Any

import pytest
from purchase_events import INTENT, INVOICE, SALE, SESSION, FoldRecorder, a_sale, completed, invoice, later

from egpay.domain.commands import ShipmentCommand, TracePayment
from egpay.domain.events import (
    BillingEvent,
    DisputeClosed,
    DisputeOpened,
    DisputeReported,
    PaymentRefunded,
    RefundFailed,
    RefundReported,
    ShipmentReported,
    Source,
)
from egpay.domain.refunds import RefundStatus
from egpay.domain.sale import SaleStatus
from egpay.domain.shipment import Progress, ShipmentStatus
from egpay.domain.values import InvoiceId, MessageId, PaymentIntentId, SaleId, SessionId


def refund(
    amount: int = 9900, n: int = 1, *, in_full: bool = True, sale_id: SaleId | None = SALE, **facts: Any
) -> PaymentRefunded:
    return PaymentRefunded(
        id=MessageId(f"evt_refund_{n}"),
        occurred_at=later(50 + n),
        source=Source.STRIPE,
        sale_id=sale_id,
        payment_intent_id=INTENT,
        amount_refunded=amount,
        in_full=in_full,
        **facts,
    )


def failed(
    refund_id: str = "re_one", amount: int = 9900, at: int = 80, n: int = 1, sale_id: SaleId | None = SALE
) -> RefundReported:
    return RefundReported(
        id=MessageId(f"evt_failed_{refund_id}_{n}"),
        occurred_at=later(at),
        source=Source.STRIPE,
        sale_id=sale_id,
        payment_intent_id=INTENT,
        refund_id=refund_id,
        status=RefundStatus.FAILED,
        amount=amount,
        currency="eur",
    )


def opened(dispute: str = "dp_one", n: int = 1) -> DisputeReported:
    return DisputeReported(
        id=MessageId(f"evt_dispute_{n}"),
        occurred_at=later(60),
        source=Source.STRIPE,
        sale_id=SALE,
        payment_intent_id=INTENT,
        dispute_id=dispute,
        status="needs_response",
        amount=9900,
        currency="eur",
        due_by=later(86_400),
    )


def closed(*, won: bool) -> DisputeReported:
    return DisputeReported(
        id=MessageId("evt_verdict"),
        occurred_at=later(70),
        source=Source.STRIPE,
        sale_id=SALE,
        payment_intent_id=INTENT,
        dispute_id="dp_one",
        status="won" if won else "lost",
        amount=9900,
        currency="eur",
    )


def shipped() -> ShipmentReported:
    return ShipmentReported(
        id=MessageId("warehouse:1"),
        occurred_at=later(40),
        source=Source.WAREHOUSE,
        sale_id=SALE,
        progress=Progress.SHIPPED,
    )


def every_order(*events: BillingEvent) -> list[tuple[BillingEvent, ...]]:
    return list(itertools.permutations(events))


@pytest.mark.parametrize("events", every_order(completed(), invoice(), refund()))
def test_a_full_refund_before_dispatch_ends_the_sale_and_the_shipment(
    events: tuple[BillingEvent, ...],
) -> None:
    ledger = FoldRecorder(a_sale()).hear(*events, *events)
    assert ledger.sale.status is SaleStatus.REFUNDED
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.CANCELLED
    asked = "ship:sale_one" in ledger.wanted
    assert ("cancel:sale_one" in ledger.wanted) is asked


def test_a_part_refund_is_recorded_and_holds_the_parcel_with_a_case() -> None:
    ledger = FoldRecorder(a_sale()).hear(completed(), refund(100, in_full=False))
    assert ledger.sale.status is SaleStatus.PAID
    assert ledger.pages.payments[SALE].amount_refunded == 100
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.HELD
    assert case_ids(ledger) == {"part_refunded:sale_one"}


@pytest.mark.parametrize(
    "events", every_order(completed(), refund(100, 1, in_full=False), refund(9900, 2, in_full=False))
)
def test_part_refunds_that_add_up_are_a_full_one(events: tuple[BillingEvent, ...]) -> None:
    ledger = FoldRecorder(a_sale()).hear(*events)
    assert ledger.pages.payments[SALE].gone_in_full
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.CANCELLED


def test_a_refund_after_dispatch_leaves_the_shipment_on_its_way() -> None:
    ledger = FoldRecorder(a_sale()).hear(completed(), shipped(), refund())
    assert ledger.sale.status is SaleStatus.REFUNDED
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.SHIPPED
    assert "cancel:sale_one" not in ledger.wanted


@pytest.mark.parametrize("events", every_order(completed(), opened()))
def test_an_open_dispute_holds_what_has_not_left(events: tuple[BillingEvent, ...]) -> None:
    ledger = FoldRecorder(a_sale()).hear(*events)
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.HELD
    assert ledger.sale.status is SaleStatus.PAID


@pytest.mark.parametrize("events", every_order(completed(), opened(), closed(won=True)))
def test_a_won_dispute_lets_the_devices_go(events: tuple[BillingEvent, ...]) -> None:
    ledger = FoldRecorder(a_sale()).hear(*events)
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.REQUESTED
    assert "ship:sale_one" in ledger.wanted


@pytest.mark.parametrize("events", every_order(completed(), opened(), closed(won=False)))
def test_a_lost_dispute_ends_the_sale(events: tuple[BillingEvent, ...]) -> None:
    ledger = FoldRecorder(a_sale()).hear(*events)
    assert ledger.sale.status is SaleStatus.REFUNDED
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.CANCELLED


def test_a_refund_that_does_not_say_whose_it_is_is_traced_and_then_applied() -> None:
    ledger = FoldRecorder(a_sale()).hear(completed(), refund(sale_id=None))
    (command,) = (c for outcome in ledger.outcomes for c in outcome.commands if isinstance(c, TracePayment))
    assert command.id == "trace:evt_refund_1"
    assert ledger.sale.status is SaleStatus.PAID
    ledger.hear(refund(n=2, invoice_id=INVOICE))
    assert ledger.pages.sales[SALE].status is SaleStatus.REFUNDED


def test_a_refund_finds_its_payment_by_the_names_we_know() -> None:
    ledger = FoldRecorder(a_sale()).hear(completed(payment_intent_id=INTENT), refund(sale_id=None))
    assert ledger.sale.status is SaleStatus.REFUNDED


def test_a_renewal_that_goes_back_leaves_the_sale_as_it_is() -> None:
    renewal = invoice(
        5,
        initial=False,
        invoice_id=InvoiceId("in_two"),
        payment_intent_id=PaymentIntentId("pi_two"),
        amount=900,
    )
    back = PaymentRefunded(
        id=MessageId("evt_back"),
        occurred_at=later(90),
        source=Source.STRIPE,
        payment_intent_id=PaymentIntentId("pi_two"),
        amount_refunded=900,
        in_full=True,
    )
    ledger = FoldRecorder(a_sale()).hear(completed(), renewal, back)
    assert ledger.pages.payments["in_two"].gone_in_full
    assert ledger.sale.status is SaleStatus.PAID


def test_a_second_dispute_holds_the_parcel_though_the_first_was_won() -> None:
    ledger = FoldRecorder(a_sale()).hear(completed(), opened(), closed(won=True), opened("dp_two", 2))
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.HELD
    assert [key.partition(":")[0] for key in ledger.wanted] == ["ship", "hold", "release", "hold"]


def test_what_the_warehouse_is_told_about_a_shipment_is_numbered_in_the_order_of_deciding() -> None:
    ledger = FoldRecorder(a_sale()).hear(completed())
    ledger.hear(opened(), closed(won=True)).hear(opened("dp_two", 2), refund())
    told = [c for outcome in ledger.outcomes for c in outcome.commands if isinstance(c, ShipmentCommand)]
    assert [(type(each).__name__, each.revision) for each in told] == [
        ("ShipDevices", 1),
        ("HoldShipment", 2),
        ("ReleaseShipment", 3),
        ("HoldShipment", 4),
        ("CancelShipment", 5),
    ]
    assert ledger.pages.shipments[SALE].revision == 5


def test_giving_back_the_payment_that_came_twice_leaves_the_sale_as_it_is() -> None:
    ledger = FoldRecorder(a_sale(checkout_session_id=SESSION)).hear(
        completed(payment_intent_id=INTENT, invoice_id=None, subscription_id=None),
        completed(
            2,
            session_id=SessionId("cs_two"),
            payment_intent_id=PaymentIntentId("pi_two"),
            invoice_id=None,
            subscription_id=None,
        ),
    )
    extra = PaymentRefunded(
        id=MessageId("evt_extra"),
        occurred_at=later(90),
        source=Source.STRIPE,
        sale_id=SALE,
        payment_intent_id=PaymentIntentId("pi_two"),
        amount_refunded=9900,
        in_full=True,
    )
    ledger.hear(extra)
    assert ledger.sale.status is SaleStatus.PAID
    assert ledger.pages.payments["pi_two"].gone_in_full
    assert case_ids(ledger) == set()
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.REQUESTED


def case_ids(ledger: FoldRecorder) -> set[str]:
    return {case.id for case in ledger.pages.cases.values() if case.is_open}


@pytest.mark.parametrize("events", every_order(completed(), invoice(), refund(), failed()))
def test_a_refund_that_fails_leaves_the_sale_paid_and_what_was_stopped_stopped(
    events: tuple[BillingEvent, ...],
) -> None:
    ledger = FoldRecorder(a_sale()).hear(*events, *events)
    payment = ledger.pages.payments[SALE]
    assert (payment.amount_refunded, payment.refunded_in_full, payment.gone_in_full) == (0, False, False)
    assert ledger.sale.status is SaleStatus.PAID
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.CANCELLED
    assert ("cancel:sale_one" in ledger.wanted) is ("ship:sale_one" in ledger.wanted)
    assert case_ids(ledger) == {"refund_failed:re_one", "paid_not_shipped:sale_one"}
    assert ledger.parked == []


@pytest.mark.parametrize("events", every_order(completed(), shipped(), refund(), failed()))
def test_a_refund_that_fails_after_dispatch_leaves_nothing_to_ask_back_in_any_order(
    events: tuple[BillingEvent, ...],
) -> None:
    reports = [event for event in events if isinstance(event, ShipmentReported)]
    ledger = FoldRecorder(a_sale()).hear(
        completed(), *(event for event in events if event not in reports), *reports
    )
    assert case_ids(ledger) == {"refund_failed:re_one"}
    assert ledger.sale.status is SaleStatus.PAID


@pytest.mark.parametrize(
    "events",
    every_order(
        completed(), refund(100, 1, in_full=False), refund(300, 2, in_full=False), failed("re_two", 200)
    ),
)
def test_a_part_that_fails_is_taken_off_and_the_other_part_holds(events: tuple[BillingEvent, ...]) -> None:
    ledger = FoldRecorder(a_sale()).hear(*events)
    assert ledger.pages.payments[SALE].amount_refunded == 100
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.HELD
    assert case_ids(ledger) == {"refund_failed:re_two", "part_refunded:sale_one"}


@pytest.mark.parametrize("events", every_order(completed(), refund(), failed(), refund(n=50)))
def test_what_is_given_back_again_after_that_is_given_back(events: tuple[BillingEvent, ...]) -> None:
    ledger = FoldRecorder(a_sale()).hear(*events)
    assert ledger.pages.payments[SALE].amount_refunded == 9900
    assert ledger.sale.status is SaleStatus.REFUNDED
    assert case_ids(ledger) == set()


def test_a_failure_that_is_told_by_two_events_opens_one_case_and_is_taken_off_once() -> None:
    ledger = FoldRecorder(a_sale()).hear(
        completed(), refund(200, in_full=False), failed(amount=100), failed(amount=100, n=2)
    )
    assert ledger.pages.payments[SALE].amount_refunded == 100
    assert case_ids(ledger) == {"refund_failed:re_one", "part_refunded:sale_one"}


def test_a_failed_refund_that_does_not_say_whose_it_is_is_traced() -> None:
    ledger = FoldRecorder(a_sale()).hear(completed(), failed(sale_id=None))
    (command,) = (c for outcome in ledger.outcomes for c in outcome.commands if isinstance(c, TracePayment))
    assert isinstance(command.waiting, RefundReported)
    assert case_ids(ledger) == set()


@pytest.mark.parametrize("events", every_order(completed(), refund(), refund(5000, 2, in_full=False)))
def test_a_sum_that_shrank_says_so_though_the_failure_itself_was_never_heard(
    events: tuple[BillingEvent, ...],
) -> None:
    ledger = FoldRecorder(a_sale()).hear(*events)
    assert ledger.sale.status is SaleStatus.PAID
    assert ledger.pages.payments[SALE].amount_refunded == 5000
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.CANCELLED


@pytest.mark.parametrize("events", every_order(failed(at=80, n=1), failed(at=81, n=2)))
def test_a_failure_told_by_two_kinds_of_events_is_told_once_more_by_nobody(
    events: tuple[BillingEvent, ...],
) -> None:
    ledger = FoldRecorder(a_sale()).hear(completed(), refund(), *events)
    entries = [
        entry for outcome in ledger.outcomes for entry in outcome.entries if entry.kind == "refund.failed"
    ]
    assert len(entries) == 1


def test_a_lost_dispute_is_not_undone_by_a_refund_that_fails() -> None:
    ledger = FoldRecorder(a_sale()).hear(
        completed(), refund(100, in_full=False), opened(), closed(won=False), failed(amount=100)
    )
    assert ledger.sale.status is SaleStatus.REFUNDED


def earlier(kind: type[RefundFailed | DisputeOpened | DisputeClosed], at: int, **facts: Any) -> BillingEvent:
    """A message as the release before wrote it."""
    event_id = MessageId(f"evt_{kind.__name__}_{at}")
    known: dict[str, Any] = {
        "id": event_id,
        "occurred_at": later(at),
        "source": Source.STRIPE,
        "sale_id": SALE,
    }
    return kind(**known, payment_intent_id=INTENT, **facts)


def test_messages_of_the_release_before_are_understood() -> None:
    ledger = FoldRecorder(a_sale()).hear(completed(), earlier(DisputeOpened, 60, dispute_id="dp_one"))
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.HELD
    ledger.hear(earlier(DisputeClosed, 70, dispute_id="dp_one", won=True))
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.REQUESTED
    ledger.hear(refund(), earlier(RefundFailed, 80, refund_id="re_one", amount=9900, currency="eur"))
    assert ledger.sale.status is SaleStatus.PAID
    ledger.hear(earlier(DisputeClosed, 90, dispute_id="dp_two", won=False))
    assert (ledger.sale.status, ledger.pages.payments[SALE].gone) == (SaleStatus.REFUNDED, 9900)
    assert ledger.parked == []

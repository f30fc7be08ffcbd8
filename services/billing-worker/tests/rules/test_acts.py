"""RULES 4, 5: what an operator cancels stays so, in whatever order it is heard of; what is impossible is a line."""

from itertools import permutations
from typing import Any

import pytest
from purchase_events import SALE, FoldRecorder, a_sale, changed, completed, invoice, later

from egpay.domain.acts import ActRecord
from egpay.domain.cancellation import CancelledMoney
from egpay.domain.commands import CancelShipment, ExpireOrderPage, ShipDevices
from egpay.domain.events import PaymentRefunded, SaleCancelled, ShipmentReported, Source
from egpay.domain.sale import SaleStatus
from egpay.domain.shipment import Progress, ShipmentStatus
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import MessageId, PaymentIntentId, SaleId


def cancelled(at: int = 100, *, money: CancelledMoney | None = None, sale_id: SaleId = SALE) -> SaleCancelled:
    return SaleCancelled(
        id=MessageId(f"act_{at}"), occurred_at=later(at), source=Source.OPERATOR, sale_id=sale_id, money=money
    )


def recorder(*events: SaleCancelled, **facts: Any) -> FoldRecorder:
    """Books of a sale in which the rows of these acts are stored."""
    ledger = FoldRecorder(a_sale(**facts))
    for event in events:
        ledger.pages.acts[event.id] = ActRecord(key=event.id, who="grace", why="the buyer asked")
    return ledger


def shipped(at: int) -> ShipmentReported:
    return ShipmentReported(
        id=MessageId(f"warehouse:{at}"),
        occurred_at=later(at),
        source=Source.WAREHOUSE,
        sale_id=SALE,
        progress=Progress.SHIPPED,
    )


def refunded() -> PaymentRefunded:
    return PaymentRefunded(
        id=MessageId("evt_back"),
        occurred_at=later(200),
        source=Source.STRIPE,
        sale_id=SALE,
        payment_intent_id=PaymentIntentId("pi_one"),
        amount_refunded=9900,
        in_full=True,
    )


def commands(ledger: FoldRecorder) -> list[type]:
    shown = (ShipDevices, CancelShipment, ExpireOrderPage)
    return [type(one) for outcome in ledger.outcomes for one in outcome.commands if isinstance(one, shown)]


def standing(ledger: FoldRecorder) -> set[str]:
    return {case.kind.value for case in ledger.pages.cases.values() if case.is_open}


def lines(ledger: FoldRecorder, kind: str) -> list[str]:
    return [one.what for outcome in ledger.outcomes for one in outcome.entries if one.kind == kind]


def test_a_cancelled_order_has_its_page_expired_and_says_who_and_why() -> None:
    act = cancelled()
    ledger = recorder(act).hear(act)
    assert ledger.sale.status is SaleStatus.CANCELLED
    assert commands(ledger) == [ExpireOrderPage]
    assert lines(ledger, "sale.cancelled") == ["cancelled by grace: the buyer asked"]
    assert standing(ledger) == set()


@pytest.mark.parametrize("act_first", [False, True])
@pytest.mark.parametrize("paid", [completed(), invoice()], ids=["page", "invoice"])
def test_a_paid_sale_that_is_cancelled_ships_nothing_and_keeps_its_money(act_first: bool, paid: Any) -> None:
    act = cancelled(money=CancelledMoney.KEEP)
    ledger = recorder(act).hear(*((act, paid) if act_first else (paid, act)))
    assert (ledger.sale.status, ledger.sale.paid) == (SaleStatus.CANCELLED, True)
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.CANCELLED
    assert ledger.pages.shipments[SALE].reason == "the sale was cancelled"
    assert standing(ledger) == set()
    assert ShipDevices not in commands(ledger) or CancelShipment in commands(ledger)


@pytest.mark.parametrize("act_first", [False, True])
def test_money_without_a_decision_is_a_case_until_it_goes_back(act_first: bool) -> None:
    act = cancelled()
    ledger = recorder(act).hear(*((act, completed()) if act_first else (completed(), act)))
    assert standing(ledger) == {"paid_after_end"}
    assert len(lines(ledger, "act.doubted")) == (0 if act_first else 1)
    ledger.hear(invoice(payment_intent_id="pi_one"), refunded())
    assert standing(ledger) == set()
    assert ledger.sale.status is SaleStatus.CANCELLED


def test_money_that_comes_after_a_cancellation_settles_nothing_and_is_a_case_whatever_was_decided() -> None:
    act = cancelled(money=CancelledMoney.KEEP)
    ledger = recorder(act).hear(act, completed(at=later(300)))
    assert (ledger.sale.paid, standing(ledger)) == (False, {"paid_after_end"})
    assert commands(ledger) == [ExpireOrderPage]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_trial_that_begins_after_a_cancellation_opens_no_account(order: tuple[int, ...]) -> None:
    act, at = cancelled(money=CancelledMoney.KEEP), later(300)
    told = (completed(at=at, amount=0), invoice(at=at, amount=0), changed(SubscriptionStatus.TRIALING, at=at))
    ledger = recorder(act).hear(act, *(told[number] for number in order))
    assert (ledger.account, ledger.sale.paid, standing(ledger)) == (None, False, {"paid_after_end"})
    assert commands(ledger) == [ExpireOrderPage]


@pytest.mark.parametrize("act_first", [False, True])
def test_devices_that_left_meanwhile_are_asked_for(act_first: bool) -> None:
    act, left = cancelled(money=CancelledMoney.KEEP), shipped(90)
    ledger = recorder(act).hear(completed(), *((act, left) if act_first else (left, act)))
    assert ledger.sale.status is SaleStatus.CANCELLED
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.SHIPPED
    assert standing(ledger) == {"return"}
    doubts = [] if act_first else ["its devices have left"]
    assert [line.split(",")[0] for line in lines(ledger, "act.doubted")] == doubts


def test_what_cannot_be_done_is_a_line_with_who_and_why_and_no_dead_letter() -> None:
    first, second = cancelled(), cancelled(110, money=CancelledMoney.KEEP)
    stray = cancelled(120, sale_id=SaleId("sale_none"))
    ledger = recorder(first, second, stray).hear(first, second, stray)
    assert ledger.parked == []
    assert lines(ledger, "act.refused") == [
        "sale sale_one is cancelled already; asked by grace: the buyer asked",
        "there is no sale sale_none; asked by grace: the buyer asked",
    ]
    assert ledger.sale.cancellation is not None
    assert ledger.sale.cancellation.money is None


def test_a_subscription_that_goes_on_is_named() -> None:
    act = cancelled(money=CancelledMoney.KEEP)
    ledger = recorder(act).hear(completed(), changed(SubscriptionStatus.ACTIVE), act)
    [line] = lines(ledger, "subscription.goes_on")
    assert "egpay subscription end sub_one" in line


def test_an_act_without_its_row_is_a_dead_letter() -> None:
    ledger = recorder().hear(cancelled())
    assert ledger.parked == ["Defect: there is no act act_100"]
    assert ledger.sale.status is SaleStatus.IN_PROGRESS


def test_a_replayed_act_reads_the_row_of_its_key() -> None:
    act = cancelled()
    ledger = recorder(act).hear(
        SaleCancelled(
            id=MessageId(f"{act.id}:replay:1"),
            occurred_at=act.occurred_at,
            source=Source.OPERATOR,
            sale_id=SALE,
        )
    )
    assert ledger.sale.status is SaleStatus.CANCELLED

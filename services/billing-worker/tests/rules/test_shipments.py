"""RULES 4: when devices leave, wait or stay, what a person is asked, and how a case about them ends."""

from typing import Any

import msgspec
import pytest
from purchase_events import INSTALLATION, SALE, FoldRecorder, a_sale, completed, invoice, later

from billing_worker.rules.shipment_acts import shorten_shipment
from egpay.domain.acts import ActRecord, ImpossibleAct, PersonalArguments
from egpay.domain.books import Books
from egpay.domain.commands import CancelShipment, ChangeShipment, ShipDevices, ShipmentCommand
from egpay.domain.corrections import CorrectedAddress
from egpay.domain.events import (
    AddressCorrected,
    CheckoutCompleted,
    EventBase,
    OperatorAct,
    PaymentRefunded,
    ShipmentHeld,
    ShipmentReleased,
    ShipmentRepeated,
    ShipmentReported,
    Source,
)
from egpay.domain.foreign import PartRefund
from egpay.domain.shipment import Progress, ShipmentStatus
from egpay.domain.values import Address, MessageId, PaymentIntentId, ProductId


def report(progress: Progress, at: int, **facts: Any) -> ShipmentReported:
    return ShipmentReported(
        id=MessageId(f"warehouse:{progress}_{at}"),
        occurred_at=later(at),
        source=Source.WAREHOUSE,
        sale_id=SALE,
        progress=progress,
        **facts,
    )


def back(amount: int = 9900, at: int = 50) -> PaymentRefunded:
    return PaymentRefunded(
        id=MessageId(f"evt_back_{at}"),
        occurred_at=later(at),
        source=Source.STRIPE,
        sale_id=SALE,
        payment_intent_id=PaymentIntentId("pi_one"),
        amount_refunded=amount,
        in_full=amount == 9900,
    )


def base(at: int) -> dict[str, Any]:
    return {
        "id": MessageId(f"act_{at}"),
        "occurred_at": later(at),
        "source": Source.OPERATOR,
        "sale_id": SALE,
    }


def act(at: int = 100) -> EventBase:
    """What a person does."""
    return EventBase(**base(at))


def again(at: int = 100, *, attempt: int = 2) -> ShipmentRepeated:
    return ShipmentRepeated(**base(at), attempt=attempt)


def released(at: int = 100, *, refund: int = 0, misfit: bool = False) -> ShipmentReleased:
    return ShipmentReleased(**base(at), settled_refund=refund, misfit_accepted=misfit)


def entered(ledger: FoldRecorder, *events: OperatorAct) -> FoldRecorder:
    """Enter acts with their rows, as an operator's command does."""
    for event in events:
        ledger.pages.acts[event.id] = ActRecord(key=event.id, who="grace", why="the buyer asked")
    return ledger.hear(*events)


def lines(ledger: FoldRecorder, kind: str) -> list[str]:
    return [one.what for outcome in ledger.outcomes for one in outcome.entries if one.kind == kind]


def standing(ledger: FoldRecorder) -> set[str]:
    return {case.kind.value for case in ledger.pages.cases.values() if case.is_open}


def told(ledger: FoldRecorder) -> list[str]:
    commands = [each for outcome in ledger.outcomes for each in outcome.commands]
    return [type(each).__name__ for each in commands if isinstance(each, ShipmentCommand)]


def status(ledger: FoldRecorder) -> ShipmentStatus:
    return ledger.pages.shipments[SALE].status


def acted(ledger: FoldRecorder, books: Books) -> Books:
    ledger.pages.merge(books.written)
    return books


def bought(**facts: Any) -> FoldRecorder:
    return FoldRecorder(a_sale()).hear(completed(**facts))


@pytest.mark.parametrize("event", [completed(subtotal=9900, amount=0), completed(subtotal=9900, amount=4000)])
def test_discount_and_balance_are_not_compared_with_the_order(event: CheckoutCompleted) -> None:
    ledger = FoldRecorder(a_sale()).hear(event)
    assert (status(ledger), standing(ledger)) == (ShipmentStatus.REQUESTED, set())


def test_a_sum_of_the_lines_that_is_not_the_orders_holds_the_parcel_until_the_money_goes_back() -> None:
    ledger = bought(subtotal=1, amount=1)
    assert (status(ledger), standing(ledger)) == (ShipmentStatus.HELD, {"amount"})
    [case] = ledger.pages.cases.values()
    assert "0.01 EUR was asked for an order of 99.00 EUR" in case.what
    ledger.hear(msgspec.structs.replace(back(1), in_full=True))
    assert (status(ledger), standing(ledger)) == (ShipmentStatus.CANCELLED, set())
    assert told(ledger) == []


def test_an_invoice_that_a_credit_note_settled_holds_the_parcel() -> None:
    ledger = FoldRecorder(a_sale()).hear(invoice(amount=0, subtotal=9900, credited=9900))
    assert (status(ledger), standing(ledger)) == (ShipmentStatus.HELD, {"amount"})


def test_a_sum_in_another_currency_holds_the_parcel_with_a_case_of_its_own() -> None:
    ledger = bought(subtotal=9900, currency="usd")
    assert (status(ledger), standing(ledger)) == (ShipmentStatus.HELD, {"currency"})
    [case] = [one for one in ledger.pages.cases.values() if one.is_open]
    assert (
        "`egpay sale release` because it is right" in case.todo
    )  # closing it alone would hold them for good


def test_a_renewal_of_another_sum_changes_nothing() -> None:
    ledger = bought(subtotal=9900).hear(invoice(2, initial=False, invoice_id="in_two", subtotal=1900))
    assert (status(ledger), standing(ledger), told(ledger)) == (
        ShipmentStatus.REQUESTED,
        set(),
        ["ShipDevices"],
    )


def test_a_message_of_before_there_was_a_sum_fits() -> None:
    assert status(bought()) is ShipmentStatus.REQUESTED


def test_a_part_refund_lets_the_parcel_leave_where_the_shop_says_so() -> None:
    ledger = bought()
    ledger.pages.installations[INSTALLATION.id] = msgspec.structs.replace(
        INSTALLATION, part_refund=PartRefund.SHIP
    )
    ledger.hear(back(100))
    assert (status(ledger), standing(ledger)) == (ShipmentStatus.REQUESTED, set())


def test_a_part_refund_after_dispatch_is_a_line_and_no_case() -> None:
    ledger = bought().hear(report(Progress.SHIPPED, 10), back(100))
    assert (status(ledger), standing(ledger)) == (ShipmentStatus.SHIPPED, set())
    assert "payment.refunded" in [entry.kind for outcome in ledger.outcomes for entry in outcome.entries]


def test_what_cannot_be_sent_is_a_case_until_it_is_sent_or_refunded() -> None:
    ledger = bought().hear(report(Progress.FAILED, 10))
    assert (status(ledger), standing(ledger)) == (ShipmentStatus.FAILED, {"not_shipped"})
    assert standing(ledger.hear(report(Progress.SHIPPED, 20))) == set()
    assert standing(bought().hear(report(Progress.FAILED, 10), back())) == set()


@pytest.mark.parametrize(
    ("progress", "found", "kind"),
    [
        (Progress.FAILED, ShipmentStatus.FAILED, "parcel_lost"),
        (Progress.RETURNED, ShipmentStatus.RETURNED, "parcel_back"),
    ],
)
def test_a_parcel_that_is_lost_or_comes_back_is_a_case_until_it_arrives_or_the_money_goes_back(
    progress: Progress, found: ShipmentStatus, kind: str
) -> None:
    ledger = bought().hear(report(Progress.SHIPPED, 10), report(progress, 20))
    assert (status(ledger), standing(ledger)) == (found, {kind})
    assert standing(ledger.hear(report(Progress.DELIVERED, 30))) == set()
    ledger = bought().hear(report(Progress.SHIPPED, 10), report(progress, 20), back())
    assert standing(ledger) == set()


def test_a_second_parcel_that_is_lost_opens_a_case_that_a_person_closed_for_the_first() -> None:
    ledger = bought().hear(
        report(Progress.SHIPPED, 10, parcel="P1"), report(Progress.FAILED, 20, parcel="P1")
    )
    [case] = ledger.pages.cases.values()
    assert case.about == ("attempt 1: P1",)
    ledger.hear(report(Progress.SHIPPED, 30, parcel="P2"), report(Progress.FAILED, 40, parcel="P2"))
    assert ledger.pages.cases[case.id].about == ("attempt 1: P1", "attempt 1: P2")


def test_what_is_sent_again_is_a_new_attempt_with_a_key_of_its_own() -> None:
    ledger = bought().hear(report(Progress.SHIPPED, 10), report(Progress.RETURNED, 20))
    entered(ledger, again())
    [command] = [one for one in ledger.outcomes[-1].commands if isinstance(one, ShipmentCommand)]
    assert isinstance(command, ShipDevices)
    assert (command.id, command.attempt, command.revision) == (f"ship:{SALE}:2", 2, 2)
    assert (status(ledger), standing(ledger)) == (ShipmentStatus.REQUESTED, set())
    ledger.hear(report(Progress.RETURNED, 30))
    assert (status(ledger), standing(ledger)) == (ShipmentStatus.REQUESTED, set())
    ledger.hear(report(Progress.SHIPPED, 120), report(Progress.FAILED, 130))
    assert standing(ledger) == {"parcel_lost"}


def test_nothing_is_sent_again_while_it_is_on_its_way_or_its_money_is_gone() -> None:
    for event, reason in ((report(Progress.SHIPPED, 10), "nothing to send again"), (back(), "money is gone")):
        ledger = entered(bought().hear(event), again())
        [line] = lines(ledger, "act.refused")
        assert reason in line
        assert ledger.parked == []


def test_of_two_who_have_it_sent_again_one_does() -> None:
    ledger = bought().hear(report(Progress.FAILED, 10))
    entered(ledger, again(100), again(101))
    assert told(ledger) == ["ShipDevices", "ShipDevices"]
    [line] = lines(ledger, "act.refused")
    assert "were sent again already: attempt 2" in line


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_hold_and_release_the_newest_counts_in_any_order(order: tuple[int, int]) -> None:
    acts = (ShipmentHeld(**base(100)), released(200))
    ledger = entered(bought(), *(acts[place] for place in order))
    assert (status(ledger), standing(ledger)) == (ShipmentStatus.REQUESTED, set())
    entered(ledger, ShipmentHeld(**base(300)))
    assert status(ledger) is ShipmentStatus.HELD
    assert ledger.pages.shipments[SALE].reason == "an operator holds it"
    ledger.hear(report(Progress.SHIPPED, 250))
    assert status(ledger) is ShipmentStatus.SHIPPED


def test_a_release_that_releases_nothing_is_doubted() -> None:
    disputed = bought().hear(back(100))
    entered(disputed, released())
    assert lines(disputed, "act.doubted") == [
        "its devices stay held: a part of the money went back; asked by grace: the buyer asked"
    ]
    assert "nothing holds its devices" in lines(entered(bought(), released()), "act.doubted")[0]


def test_a_corrected_address_is_told_to_a_warehouse_that_knows_another() -> None:
    correct = AddressCorrected(**base(100))
    address = Address(line1="2 Quay", city="Cork", postal_code="T12", country="IE")
    ledger = bought()
    record = ActRecord(key=correct.id, who="grace", why="typo", arguments=PersonalArguments(address=address))
    ledger.pages.acts[correct.id] = record
    ledger.hear(correct)
    assert told(ledger) == ["ShipDevices", "ChangeShipment"]
    assert ledger.sale.corrected_address == CorrectedAddress(at=later(100), address=address)
    assert ledger.pages.shipments[SALE].revision == 2
    unpaid = FoldRecorder(a_sale())
    unpaid.pages.acts[correct.id] = record
    assert told(unpaid.hear(correct)) == []
    assert unpaid.sale.corrected_address is not None
    came_back = bought().hear(report(Progress.SHIPPED, 10), report(Progress.RETURNED, 20))
    came_back.pages.acts[correct.id] = record
    assert lines(came_back.hear(correct), "act.doubted") == []
    assert told(came_back) == ["ShipDevices"]
    left = bought().hear(report(Progress.SHIPPED, 10))
    left.pages.acts[correct.id] = record
    assert told(left.hear(correct)) == ["ShipDevices"]
    assert "its devices have left" in lines(left, "act.doubted")[0]


def test_fewer_devices_are_told_to_the_warehouse_and_the_refund_for_the_others_holds_nothing() -> None:
    ledger = bought().hear(back(3300))
    assert status(ledger) is ShipmentStatus.HELD
    books = shorten_shipment(Books(loaded=ledger.pages), SALE, {ProductId("sensor"): 2}, act(), refund=3300)
    acted(ledger, books)
    assert [(type(each).__name__, getattr(each, "revision", 0)) for each in books.commands] == [
        ("ChangeShipment", 3),
        ("ReleaseShipment", 4),
    ]
    assert (status(ledger), standing(ledger)) == (ShipmentStatus.REQUESTED, set())
    assert ledger.pages.shipments[SALE].items == {"sensor": 2}
    assert standing(ledger.hear(back(4000, at=60))) == {"part_refunded"}


def test_when_nothing_remains_to_be_sent_it_is_cancelled() -> None:
    ledger = bought()
    books = shorten_shipment(Books(loaded=ledger.pages), SALE, {ProductId("sensor"): 0}, act())
    acted(ledger, books)
    assert [type(each) for each in books.commands] == [CancelShipment]
    assert status(ledger) is ShipmentStatus.CANCELLED


def test_what_has_left_cannot_be_changed() -> None:
    ledger = bought().hear(report(Progress.SHIPPED, 10))
    with pytest.raises(ImpossibleAct, match="cannot be changed"):
        shorten_shipment(Books(loaded=ledger.pages), SALE, {ProductId("sensor"): 1}, act())


def test_a_change_has_a_key_of_its_own_revision() -> None:
    ledger = bought()
    books = shorten_shipment(Books(loaded=ledger.pages), SALE, {ProductId("sensor"): 2}, act())
    [command] = books.commands
    assert isinstance(command, ChangeShipment)
    assert command.id == f"change:{SALE}:2"


def test_a_person_lets_all_devices_leave_and_the_same_report_again_holds_nothing() -> None:
    ledger = bought(subtotal=1).hear(back(100))
    assert (status(ledger), standing(ledger)) == (ShipmentStatus.HELD, {"amount", "part_refunded"})
    entered(ledger, released(refund=100, misfit=True))
    assert told(ledger) == ["ShipDevices"]
    assert (status(ledger), standing(ledger)) == (ShipmentStatus.REQUESTED, set())
    ledger.hear(invoice(subtotal=1))
    assert (status(ledger), standing(ledger)) == (ShipmentStatus.REQUESTED, set())
    assert standing(ledger.hear(back(200, at=60))) == {"part_refunded"}


def test_what_has_left_or_was_cancelled_is_released_to_no_end() -> None:
    for event, reason in (
        (report(Progress.SHIPPED, 10), "its devices have left"),
        (back(), "its devices stay"),
    ):
        ledger = entered(bought().hear(event), released())
        assert lines(ledger, "act.doubted")[0].startswith(reason)

"""Which letters follow from what changed in the books, once for each fact and in every order."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations

import msgspec
import pytest
from purchase_events import (
    INTENT,
    NOON,
    SALE,
    SUBSCRIPTION,
    FoldRecorder,
    a_sale,
    changed,
    completed,
    invoice,
    later,
)

from egpay.domain.events import (
    BillingEvent,
    InvoicePaymentFailed,
    PaymentActionRequired,
    PaymentRefunded,
    RefundReported,
    ShipmentReported,
    Source,
    SubscriptionChanged,
)
from egpay.domain.letters import LetterKind
from egpay.domain.parcel_letters import parcel_fact, parcel_letters
from egpay.domain.parcels import Tracking
from egpay.domain.refunds import RefundStatus
from egpay.domain.shipment import Progress, Shipment
from egpay.domain.subscription import SubscriptionReport, SubscriptionStatus
from egpay.domain.values import InvoiceId, MessageId

ACTIVE, CANCELED = SubscriptionStatus.ACTIVE, SubscriptionStatus.CANCELED
END = NOON + timedelta(days=30)
WILL_END = f"will_end:{SUBSCRIPTION}:{int(END.timestamp())}"


def ending(at: int, *, end: bool = True) -> SubscriptionChanged:
    report = SubscriptionReport(status=ACTIVE, cancel_at=END if end else None)
    told = changed(ACTIVE, n=at, at=later(at))
    return msgspec.structs.replace(told, id=MessageId(f"evt_ending_{at}"), report=report)


def refunded(amount: int, at: int) -> PaymentRefunded:
    return PaymentRefunded(
        id=MessageId(f"evt_refunded_{amount}"),
        occurred_at=later(at),
        source=Source.STRIPE,
        sale_id=SALE,
        payment_intent_id=INTENT,
        amount_refunded=amount,
        in_full=amount == 9900,
    )


def reported(progress: Progress, *, at: int = 50) -> ShipmentReported:
    return ShipmentReported(
        id=MessageId(f"warehouse:{progress.name}"),
        occurred_at=later(at),
        source=Source.WAREHOUSE,
        sale_id=SALE,
        progress=progress,
    )


PURCHASE: tuple[BillingEvent, ...] = (completed(), invoice(), changed(ACTIVE, at=later(1)))


def heard(*events: BillingEvent) -> FoldRecorder:
    ledger = FoldRecorder(a_sale())
    for event in events:
        ledger.hear(event)
    return ledger


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_purchase_is_confirmed_once_in_every_order(order: tuple[int, ...]) -> None:
    told = [PURCHASE[number] for number in order]
    assert heard(*told, *told).letters == [f"confirmation:{SALE}"]


def test_a_delayed_payment_is_pending_first_and_confirmed_when_it_arrives() -> None:
    ledger = heard(completed(paid=False))
    assert ledger.letters == ["pending:cs_one"]
    assert ledger.hear(completed(2, at=later(9))).letters == ["pending:cs_one", f"confirmation:{SALE}"]


def test_an_arrival_that_overtakes_its_announcement_leaves_nothing_pending() -> None:
    assert heard(completed(2, at=later(9)), completed(paid=False)).letters == [f"confirmation:{SALE}"]


@pytest.mark.parametrize(
    ("progress", "letters"),
    [
        ((Progress.ACCEPTED, Progress.SHIPPED, Progress.SHIPPED, Progress.DELIVERED), [f"shipped:{SALE}"]),
        ((Progress.FAILED,), [f"delayed:{SALE}"]),
        ((Progress.FAILED, Progress.SHIPPED), [f"delayed:{SALE}", f"shipped:{SALE}"]),
        ((Progress.SHIPPED, Progress.FAILED), [f"shipped:{SALE}", f"lost:{SALE}"]),
        ((Progress.SHIPPED, Progress.RETURNED), [f"shipped:{SALE}", f"returned:{SALE}"]),
    ],
)
def test_the_buyer_hears_of_a_parcel_that_left_or_cannot_leave(
    progress: tuple[Progress, ...], letters: list[str]
) -> None:
    ledger = heard(*PURCHASE, *(reported(each, at=50 + number) for number, each in enumerate(progress)))
    assert ledger.letters == [f"confirmation:{SALE}", *letters]


def test_each_sum_that_went_back_is_told_once_and_a_late_smaller_report_is_not() -> None:
    once = heard(*PURCHASE, refunded(1000, 10), refunded(9900, 20), refunded(9900, 20)).letters
    assert once[1:] == [f"refunded:{SALE}:1000:0", f"refunded:{SALE}:9900:0"]
    assert heard(*PURCHASE, refunded(9900, 20), refunded(1000, 10)).letters[1:] == [f"refunded:{SALE}:9900:0"]


def refund(
    name: str, amount: int, *, at: int, status: RefundStatus = RefundStatus.SUCCEEDED
) -> RefundReported:
    return RefundReported(
        id=MessageId(f"evt_{name}_{status.value}"),
        occurred_at=later(at),
        source=Source.STRIPE,
        sale_id=SALE,
        payment_intent_id=INTENT,
        refund_id=name,
        status=status,
        amount=amount,
        currency="eur",
        created_at=later(at),
    )


FAILED = RefundStatus.FAILED


def test_a_refund_is_told_once_by_its_id_and_its_total_in_either_order() -> None:
    by_id, total = refund("re_1", 1000, at=10), refunded(1000, 10)
    for order in permutations((*PURCHASE, by_id, total)):
        assert heard(*order).letters.count(f"refunded:{SALE}:1000:0") == 1


def test_of_a_refund_that_is_known_to_have_failed_nothing_is_told() -> None:
    failed, made = refund("re_1", 1000, at=20, status=FAILED), refund("re_1", 1000, at=10)
    assert heard(*PURCHASE, failed, made).letters == [f"confirmation:{SALE}"]


def test_a_refund_in_place_of_one_that_failed_is_told_although_the_sum_is_the_same() -> None:
    made, failed = refund("re_1", 1000, at=10), refund("re_1", 1000, at=20, status=FAILED)
    again = refund("re_2", 1000, at=30)
    told = [f"refunded:{SALE}:1000:0", f"refunded:{SALE}:1000:1"]
    assert heard(*PURCHASE, made, failed, again).letters[1:] == told
    assert heard(*PURCHASE, failed, again, made).letters[1:] == told[1:]


def test_refunds_beyond_the_payment_are_not_told_until_the_one_that_failed_is_known() -> None:
    first, second = refund("re_1", 9900, at=10), refund("re_2", 9900, at=30)
    told = heard(*PURCHASE, second, first)
    assert told.letters[1:] == [f"refunded:{SALE}:9900:0"]
    early = heard(second, first, *PURCHASE)
    assert not [key for key in early.letters if key.startswith("refunded")]
    failed = refund("re_1", 9900, at=20, status=FAILED)
    assert early.hear(failed).letters[-1] == f"refunded:{SALE}:9900:1"


def test_an_end_that_is_set_is_told_and_again_only_when_it_moves() -> None:
    assert heard(*PURCHASE, ending(5), ending(6)).letters[1:] == [WILL_END]
    again = heard(*PURCHASE, ending(5), ending(6, end=False), ending(7))
    assert again.letters[1:] == [WILL_END]


def test_an_end_that_was_set_before_the_account_opened_is_told_with_its_opening() -> None:
    assert sorted(heard(changed(ACTIVE), ending(5), completed()).letters) == [
        f"confirmation:{SALE}",
        WILL_END,
    ]


def test_the_end_of_a_subscription_is_told_once() -> None:
    ended = changed(CANCELED, at=later(9))
    again = changed(CANCELED, 2, at=later(10))
    assert heard(*PURCHASE, ended, again).letters[1:] == [f"ended:{SUBSCRIPTION}"]


def test_of_a_subscription_that_never_had_an_account_nothing_is_told() -> None:
    assert heard(changed(CANCELED, at=later(9)), changed(ACTIVE)).letters == []


def renewal(kind: Callable[..., BillingEvent], **facts: object) -> BillingEvent:
    return kind(
        id=MessageId(f"evt_{kind.__name__}"),
        occurred_at=later(60),
        source=Source.STRIPE,
        sale_id=SALE,
        invoice_id=InvoiceId("in_renewal"),
        subscription_id=SUBSCRIPTION,
        **{"initial": False, **facts},
    )


def test_a_renewal_is_to_be_confirmed_once_and_the_first_invoice_on_its_page() -> None:
    twice = [
        msgspec.structs.replace(renewal(PaymentActionRequired), id=MessageId(f"evt_{n}")) for n in range(2)
    ]
    assert heard(*PURCHASE, *twice).letters[1:] == ["confirm_payment:in_renewal"]
    first = renewal(PaymentActionRequired, initial=True)
    assert heard(*PURCHASE, first).letters == [f"confirmation:{SALE}"]


def test_a_renewal_that_fails_before_its_subscription_is_heard_of_is_not_lost() -> None:
    ledger = heard(renewal(InvoicePaymentFailed, attempt=1), *PURCHASE)
    assert "reminder:in_renewal:1" in ledger.wanted
    assert ledger.parked == []


def test_each_parcel_of_an_order_and_of_a_further_attempt_has_letters_of_its_own() -> None:
    sent = Shipment(sale_id=SALE, asked=True)
    first = sent.reported(Progress.SHIPPED, later(1), parcel="P/1", tracking=Tracking(number="one"))
    both = first.reported(Progress.SHIPPED, later(2), parcel="P/2", tracking=Tracking(number="two"))
    lost = both.reported(Progress.FAILED, later(3), parcel="P/1", tracking=Tracking())
    assert parcel_letters(lost) == {"1:P/1": LetterKind.PARCEL_LOST, "1:P/2": LetterKind.SHIPPED}
    again = lost.again(later(9)).reported(Progress.SHIPPED, later(10), tracking=Tracking(number="three"))
    assert parcel_letters(again) == {"2:": LetterKind.SHIPPED}
    facts = {parcel_fact(again, name) for name in ("1:", "1:P/1", "1:P/2", "2:")}
    assert len(facts) == 4
    assert SALE in facts
    assert all(fact.startswith(SALE) and "/" not in fact for fact in facts)

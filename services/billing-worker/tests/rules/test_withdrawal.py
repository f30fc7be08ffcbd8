"""An order that its buyer takes back is a person's case until the money is given back, and is acknowledged at once."""

from datetime import timedelta

import pytest
from purchase_events import INTENT, INVOICE, NOON, SALE, FoldRecorder, a_sale, completed, invoice, later

from egpay.domain.case import Case, CaseCloser
from egpay.domain.commands import SendWithdrawalReceipt
from egpay.domain.events import (
    BillingEvent,
    CaseClosed,
    PaymentRefunded,
    RefundReported,
    Source,
    WithdrawalDeclared,
)
from egpay.domain.refunds import RefundStatus
from egpay.domain.values import MessageId
from egpay.domain.withdrawal import WithdrawalId

CASE = f"withdrawal:{SALE}"


def declared(name: str = "wdr_1", *, after: int = 3_600) -> WithdrawalDeclared:
    return WithdrawalDeclared(
        id=MessageId(f"withdrawal:{name}"),
        occurred_at=later(after),
        source=Source.STOREFRONT,
        sale_id=SALE,
        withdrawal_id=WithdrawalId(name),
    )


def refunded(after: int = 7_200) -> PaymentRefunded:
    return PaymentRefunded(
        id=MessageId("evt_refunded"),
        occurred_at=later(after),
        source=Source.STRIPE,
        payment_intent_id=INTENT,
        sale_id=SALE,
        amount_refunded=9900,
        in_full=True,
        currency="eur",
        charge_amount=9900,
    )


def paid() -> FoldRecorder:
    return FoldRecorder(a_sale(invoice_id=INVOICE, payment_intent_id=INTENT)).hear(completed(), invoice())


def case_of(ledger: FoldRecorder) -> Case:
    return ledger.pages.cases[CASE]


def test_a_declaration_opens_a_case_and_asks_for_its_receipt() -> None:
    ledger = paid().hear(declared())
    case = case_of(ledger)
    assert (case.is_open, case.sale_id, case.opened_at) == (True, SALE, later(3_600))
    assert case.what == "the buyer withdraws from the order"
    [receipt] = [one for one in ledger.outcomes[-1].commands if isinstance(one, SendWithdrawalReceipt)]
    assert (receipt.id, receipt.withdrawal_id) == ("withdrawal_received:wdr_1", "wdr_1")
    kinds = [entry.kind for entry in ledger.outcomes[-1].entries]
    assert kinds == ["withdrawal.declared", "case.opened"]


def test_neither_parcel_nor_money_moves_before_a_person_decides() -> None:
    before = paid()
    status, shipments = before.sale.status, dict(before.pages.shipments)
    after = before.hear(declared())
    assert (after.sale.status, after.pages.shipments) == (status, shipments)


def test_a_further_declaration_is_of_the_same_case() -> None:
    ledger = paid().hear(declared(), declared("wdr_2", after=9_000))
    case = case_of(ledger)
    assert (case.about, case.weight) == (("wdr_1", "wdr_2"), 2)
    assert case.what == "the buyer withdraws from the order (2 declarations)"
    assert case.opened_at == later(3_600)


def test_the_order_of_two_declarations_makes_no_difference() -> None:
    first, second = declared(), declared("wdr_2", after=9_000)
    one, other = case_of(paid().hear(first, second)), case_of(paid().hear(second, first))
    assert (one.about, one.what, one.opened_at) == (other.about, other.what, other.opened_at)


def test_the_case_ends_when_the_money_is_given_back() -> None:
    ledger = paid().hear(declared(), refunded())
    assert case_of(ledger).closed_by is CaseCloser.RULE


def test_who_withdraws_from_what_was_given_back_is_acknowledged_and_no_case_stays_open() -> None:
    ledger = paid().hear(refunded(after=60), declared())
    assert not case_of(ledger).is_open
    assert "withdrawal_received:wdr_1" in ledger.wanted


def test_what_a_person_closed_stays_closed_until_another_declaration() -> None:
    ledger = paid().hear(declared())
    closing = CaseClosed(
        id=MessageId("act_1"),
        occurred_at=NOON + timedelta(hours=2),
        source=Source.OPERATOR,
        sale_id=SALE,
        case_id=CASE,
        case_subject=SALE,
        weight=1,
        about=("wdr_1",),
    )
    closed = case_of(ledger).closed(closing.occurred_at, CaseCloser.PERSON, "the buyer keeps it after all")
    ledger.pages.cases[CASE] = closed
    assert not case_of(ledger.hear(declared())).is_open
    assert case_of(ledger.hear(declared("wdr_2", after=9_000))).is_open


def test_a_refund_that_did_not_reach_the_buyer_opens_it_again() -> None:
    def report(status: RefundStatus, n: int) -> RefundReported:
        return RefundReported(
            id=MessageId(f"evt_refund_{n}"),
            occurred_at=later(7_200 + n),
            source=Source.STRIPE,
            payment_intent_id=INTENT,
            sale_id=SALE,
            refund_id="re_1",
            status=status,
            amount=9900,
            currency="eur",
        )

    events: list[BillingEvent] = [declared(), report(RefundStatus.SUCCEEDED, 1)]
    ledger = paid().hear(*events)
    assert not case_of(ledger).is_open
    assert case_of(ledger.hear(report(RefundStatus.FAILED, 2))).is_open


@pytest.mark.parametrize("times", [1, 3])
def test_a_declaration_that_comes_again_changes_nothing(times: int) -> None:
    ledger = paid().hear(*[declared()] * times)
    assert case_of(ledger).weight == 1
    assert not ledger.parked

"""What a person is asked about money: which cases stand, what they say, and when they close by themselves."""

from itertools import permutations
from typing import Any

import msgspec
import pytest
from purchase_events import (
    INSTALLATION,
    INTENT,
    INVOICE,
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

from egpay.domain.case import Case, CaseParty
from egpay.domain.commands import Command, EndSubscription, RefreshDispute, TracePayment
from egpay.domain.credits import InvoiceStatus
from egpay.domain.events import (
    BillingEvent,
    CreditNoteReported,
    CustomerDeleted,
    DisputeReported,
    FraudWarningReported,
    InvoiceClosed,
    InvoicePaymentLinked,
    PaymentRefunded,
    RefundReported,
    ReviewReported,
    Source,
)
from egpay.domain.foreign import RefundEnds
from egpay.domain.refunds import RefundStatus
from egpay.domain.sale import SaleStatus
from egpay.domain.shipment import ShipmentStatus
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import CustomerId, InvoiceId, MessageId, PaymentIntentId

STOPPED = f"paid_not_shipped:{SALE}"
"""The parcel was stopped when the refund was made, and stays stopped when it fails."""


def header(name: str, at: int) -> dict[str, Any]:
    return {
        "id": MessageId(f"evt_{name}_{at}"),
        "occurred_at": later(at),
        "source": Source.STRIPE,
        "sale_id": SALE,
        "payment_intent_id": INTENT,
    }


def disputed(status: str, at: int = 60, amount: int = 9900, **facts: Any) -> DisputeReported:
    known: dict[str, Any] = {"dispute_id": "du_one", "currency": "eur", "due_by": later(86_400)}
    return DisputeReported(
        **header(f"dispute_{status}", at), status=status, amount=amount, **{**known, **facts}
    )


def refund(status: RefundStatus, at: int = 50, amount: int = 9900, **facts: Any) -> RefundReported:
    known: dict[str, Any] = {"refund_id": "re_one", "currency": "eur", "created_at": later(50)}
    return RefundReported(
        **header(f"refund_{status}", at), status=status, amount=amount, **{**known, **facts}
    )


def warned(at: int = 60, *, actionable: bool = True) -> FraudWarningReported:
    return FraudWarningReported(**header("warning", at), warning_id="issfr_one", actionable=actionable)


def reviewed(at: int = 60, reason: str | None = None) -> ReviewReported:
    return ReviewReported(
        **header("review", at), review_id="prv_one", is_open=reason is None, closed_reason=reason
    )


def all_back(at: int = 50) -> PaymentRefunded:
    return PaymentRefunded(**header("back", at), amount_refunded=9900, in_full=True)


def bought() -> FoldRecorder:
    ledger = FoldRecorder(a_sale()).hear(completed(), changed(SubscriptionStatus.ACTIVE))
    assert ledger.pages.cases == {}
    return ledger


def standing(ledger: FoldRecorder) -> dict[str, Case]:
    return {name: case for name, case in ledger.pages.cases.items() if case.is_open}


def commands(ledger: FoldRecorder, kind: type[Command]) -> list[Command]:
    return [each for outcome in ledger.outcomes for each in outcome.commands if isinstance(each, kind)]


def test_a_dispute_over_a_part_takes_that_part_and_leaves_the_sale_paid() -> None:
    ledger = bought().hear(disputed("needs_response", amount=4900), disputed("lost", 90, 4900))
    payment = ledger.pages.payments[SALE]
    assert (payment.gone, payment.amount_lost, payment.part_refunded) == (4900, 4900, True)
    assert ledger.sale.status is SaleStatus.PAID
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.REQUESTED
    assert standing(ledger) == {}


def test_a_dispute_asks_us_until_it_is_answered_and_the_bank_after_that() -> None:
    ledger = bought().hear(disputed("needs_response"))
    [case] = standing(ledger).values()
    assert (case.id, case.due_by, case.waits_for) == ("dispute:du_one", later(86_400), CaseParty.US)
    assert "accept it, or answer it" in case.todo
    assert "give nothing back another way" in case.todo
    ledger.hear(disputed("under_review", 70))
    [case] = standing(ledger).values()
    assert case.waits_for is CaseParty.BANK
    assert standing(ledger.hear(disputed("won", 80))) == {}


def test_a_dispute_that_cannot_be_answered_says_so() -> None:
    [case] = standing(bought().hear(disputed("needs_response", due_by=None))).values()
    assert "nothing can be answered" in case.todo
    assert case.due_by is None


def test_two_reports_of_a_dispute_in_one_second_are_asked_about_once() -> None:
    ledger = bought().hear(disputed("needs_response"), disputed("lost"), disputed("lost"))
    [question] = commands(ledger, RefreshDispute)
    assert isinstance(question, RefreshDispute)
    assert question.waiting.dispute_id == "du_one"
    ledger.hear(disputed("under_review", 70))
    assert not ledger.pages.payments[SALE].disputes["du_one"].contested


@pytest.mark.parametrize(("took", "gone"), [(True, 4900), (False, 0)])
def test_a_prevented_dispute_is_gone_only_if_it_took_money(took: bool, gone: int) -> None:
    ledger = bought().hear(disputed("prevented", amount=4900, took_money=took))
    assert ledger.pages.payments[SALE].gone == gone
    assert standing(ledger) == {}


def test_what_is_gone_never_exceeds_what_was_paid() -> None:
    ledger = bought().hear(all_back(), disputed("lost", 90))
    assert ledger.pages.payments[SALE].gone == 9900


def test_a_refund_that_failed_is_owed_until_a_lost_dispute_covers_it() -> None:
    ledger = bought().hear(refund(RefundStatus.PENDING), refund(RefundStatus.FAILED, 80))
    assert set(standing(ledger)) == {"refund_failed:re_one", STOPPED}
    assert set(standing(ledger.hear(disputed("needs_response", 90)))) == {"dispute:du_one"}
    assert set(standing(ledger.hear(disputed("lost", 95)))) == {"refunded_but_running:sub_one"}


def test_a_refund_that_failed_is_still_owed_when_the_bank_decided_for_us_or_over_less() -> None:
    ledger = bought().hear(refund(RefundStatus.FAILED, 80), disputed("won", 90))
    assert set(standing(ledger)) == {"refund_failed:re_one", STOPPED}
    ledger.hear(disputed("lost", 95, 100, dispute_id="du_two"))
    assert set(standing(ledger)) == {"refund_failed:re_one", STOPPED}


def test_a_failed_refund_says_why() -> None:
    ledger = bought().hear(refund(RefundStatus.FAILED, 80, failure_reason="lost_or_stolen_card"))
    assert "lost_or_stolen_card" in standing(ledger)["refund_failed:re_one"].what


def test_a_warning_and_a_review_hold_the_parcel_and_each_ends_by_itself() -> None:
    ledger = bought().hear(warned(), reviewed())
    shipment = ledger.pages.shipments[SALE]
    assert (shipment.status, shipment.reason) == (ShipmentStatus.HELD, "the card's issuer warns of fraud")
    assert set(standing(ledger)) == {"fraud_warning:issfr_one", "review:prv_one"}
    assert "stays held" in ledger.pages.cases["fraud_warning:issfr_one"].todo  # no release lifts it
    ledger.hear(warned(70, actionable=False))
    assert ledger.pages.shipments[SALE].reason == "the payment is under review"
    ledger.hear(reviewed(80, "approved"))
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.REQUESTED
    assert standing(ledger) == {}


def test_a_review_that_ends_as_fraud_cancels_the_parcel() -> None:
    ledger = bought().hear(reviewed(), reviewed(80, "refunded_as_fraud"))
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.CANCELLED


def test_money_back_in_full_asks_what_becomes_of_the_subscription_until_an_end_is_set() -> None:
    ledger = bought().hear(all_back())
    [case] = standing(ledger).values()
    assert (case.id, case.subject, case.weight) == ("refunded_but_running:sub_one", SUBSCRIPTION, 9900)
    assert commands(ledger, EndSubscription) == []
    ledger.hear(changed(SubscriptionStatus.CANCELED, 2, at=later(90)))
    assert standing(ledger) == {}


def test_a_deleted_customer_answers_what_becomes_of_the_subscription() -> None:
    customer = CustomerId("cus_one")
    named = changed(SubscriptionStatus.ACTIVE, 2, at=later(70))
    named = msgspec.structs.replace(named, report=msgspec.structs.replace(named.report, customer_id=customer))
    ledger = bought().hear(all_back(), named)
    assert set(standing(ledger)) == {"refunded_but_running:sub_one"}
    ledger.hear(
        CustomerDeleted(
            id=MessageId("evt_gone"), occurred_at=later(90), source=Source.STRIPE, customer_id=customer
        )
    )
    assert standing(ledger) == {}


@pytest.mark.parametrize(("how", "at_period_end"), [(RefundEnds.NOW, False), (RefundEnds.PERIOD_END, True)])
def test_money_back_in_full_ends_the_subscription_if_the_shop_says_so(
    how: RefundEnds, at_period_end: bool
) -> None:
    ledger = bought()
    ledger.pages.installations[INSTALLATION.id] = msgspec.structs.replace(
        INSTALLATION, refund_ends_subscription=how
    )
    ledger.hear(all_back())
    [end] = commands(ledger, EndSubscription)
    assert isinstance(end, EndSubscription)
    assert (end.id, end.at_period_end) == (f"end:{SUBSCRIPTION}:{SALE}", at_period_end)
    assert standing(ledger) == {}


def test_a_refund_in_another_currency_is_taken_by_its_share_of_its_own_charge() -> None:
    part = PaymentRefunded(
        **header("jpy", 50), amount_refunded=5000, in_full=False, currency="jpy", charge_amount=7938
    )
    ledger = bought().hear(refund(RefundStatus.SUCCEEDED, amount=5000, currency="jpy"))
    assert set(standing(ledger)) == {f"currency:{SALE}"}
    assert "refund the rest there, or close the case if" in ledger.pages.cases[f"currency:{SALE}"].todo
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.HELD
    ledger.hear(part)
    payment = ledger.pages.payments[SALE]
    assert (payment.amount_refunded, payment.refunded_in_full) == (9900 * 5000 // 7938, False)
    assert set(standing(ledger)) == {f"part_refunded:{SALE}"}


def credited(at: int = 50, amount: int = 500, *, voided: bool = False) -> CreditNoteReported:
    return CreditNoteReported(
        id=MessageId(f"evt_note_{at}"),
        occurred_at=later(at),
        source=Source.STRIPE,
        sale_id=SALE,
        credit_note_id="cn_one",
        invoice_id=INVOICE,
        currency="eur",
        given_back=amount,
        voided=voided,
    )


def test_what_a_credit_note_gave_back_counts_until_it_is_voided() -> None:
    ledger = bought().hear(credited())
    assert ledger.pages.payments[SALE].gone == 500
    assert ledger.hear(credited(60, voided=True)).pages.payments[SALE].gone == 0
    assert ledger.hear(credited(50)).pages.payments[SALE].gone == 0


def test_a_refund_linked_to_a_credit_note_counts_once() -> None:
    ledger = bought().hear(refund(RefundStatus.SUCCEEDED, amount=500), credited(amount=0))
    assert ledger.pages.payments[SALE].gone == 500


def test_an_invoice_that_was_given_up_or_voided_is_in_the_books_until_it_is_paid() -> None:
    closed = InvoiceClosed(
        id=MessageId("evt_closed"),
        occurred_at=later(90),
        source=Source.STRIPE,
        sale_id=SALE,
        invoice_id=InvoiceId("in_two"),
        voided=False,
        initial=False,
        currency="eur",
        subscription_id=SUBSCRIPTION,
    )
    ledger = bought().hear(closed)
    before = ledger.pages.payments["in_two"]
    assert (before.invoice_status, before.amount) == (InvoiceStatus.UNCOLLECTIBLE, 0)
    ledger.hear(invoice(2, initial=False, invoice_id=InvoiceId("in_two"), amount=900, out_of_band=True))
    assert ledger.pages.payments["in_two"].invoice_status is InvoiceStatus.PAID_OUT_OF_BAND


def test_a_refund_finds_a_renewal_by_the_payment_that_its_invoice_was_linked_to() -> None:
    linked = InvoicePaymentLinked(
        id=MessageId("evt_linked"),
        occurred_at=later(41),
        source=Source.STRIPE,
        invoice_id=InvoiceId("in_two"),
        payment_intent_id=PaymentIntentId("pi_two"),
    )
    renewal = invoice(2, initial=False, invoice_id=InvoiceId("in_two"), amount=900)
    back = msgspec.structs.replace(
        all_back(), sale_id=None, payment_intent_id=PaymentIntentId("pi_two"), amount_refunded=900
    )
    for events in ((linked, renewal), (renewal, linked)):
        ledger = bought().hear(*events, back)
        assert ledger.pages.payments["in_two"].gone == 900
        assert commands(ledger, TracePayment) == []


@pytest.mark.parametrize(
    ("on_the_invoice", "paid"),
    [
        ({"amount": 4000}, (4000, "eur")),
        ({"amount": 0}, (0, "eur")),
        ({"amount": 10_500, "currency": "usd"}, (9900, "eur")),
    ],
)
def test_the_invoice_says_what_a_balance_left_to_pay_and_the_page_what_a_conversion_was_of(
    on_the_invoice: dict[str, Any], paid: tuple[int, str]
) -> None:
    told = (completed(), invoice(**on_the_invoice))
    for order in (told, told[::-1], told + told, (told + told)[::-1]):
        payment = FoldRecorder(a_sale()).hear(*order).pages.payments[SALE]
        assert (payment.amount, payment.currency) == paid


@pytest.mark.parametrize("first", ["session", "invoice"])
def test_two_payments_of_one_sale_are_a_case_whichever_event_shows_them(first: str) -> None:
    second = invoice(2, invoice_id=InvoiceId("in_two"), payment_intent_id=PaymentIntentId("pi_two"))
    events = (completed(), second) if first == "session" else (second, completed())
    ledger = FoldRecorder(a_sale(checkout_session_id=SESSION)).hear(*events)
    assert set(standing(ledger)) == {f"paid_twice:{SALE}"}
    assert (ledger.pages.payments[SALE].invoice_id, ledger.pages.payments["in_two"].amount) == (INVOICE, 9900)
    back = msgspec.structs.replace(
        all_back(), payment_intent_id=PaymentIntentId("pi_two"), invoice_id="in_two"
    )
    assert standing(ledger.hear(back)) == {}
    assert ledger.sale.status is SaleStatus.PAID


def test_money_for_a_cancelled_sale_is_booked_and_nothing_ships_or_opens() -> None:
    cancelled = a_sale(cancelled=True, status=SaleStatus.CANCELLED)
    ledger = FoldRecorder(cancelled).hear(completed(), changed(SubscriptionStatus.ACTIVE), invoice())
    assert (ledger.sale.status, ledger.pages.payments[SALE].amount) == (SaleStatus.CANCELLED, 9900)
    assert (ledger.pages.shipments, ledger.account) == ({}, None)
    assert set(standing(ledger)) == {f"paid_after_end:{SALE}"}
    ledger.hear(all_back())
    assert f"paid_after_end:{SALE}" not in standing(ledger)


def test_a_renewal_of_a_sale_that_was_paid_twice_is_no_second_payment() -> None:
    second = invoice(2, invoice_id=InvoiceId("in_two"), payment_intent_id=PaymentIntentId("pi_two"))
    renewal = invoice(3, initial=False, invoice_id=InvoiceId("in_three"), amount=900)
    ledger = FoldRecorder(a_sale(checkout_session_id=SESSION)).hear(completed(), second, renewal)
    of_renewal: dict[str, Any] = {
        "sale_id": None,
        "payment_intent_id": PaymentIntentId("pi_three"),
        "invoice_id": "in_three",
    }
    ledger.hear(msgspec.structs.replace(all_back(), **of_renewal, amount_refunded=900))
    assert f"paid_twice:{SALE}" in standing(ledger)
    of_second: dict[str, Any] = {"payment_intent_id": PaymentIntentId("pi_two"), "invoice_id": "in_two"}
    ledger.hear(msgspec.structs.replace(all_back(), **of_second))
    assert f"paid_twice:{SALE}" not in standing(ledger)
    ledger.hear(msgspec.structs.replace(disputed("needs_response"), **of_renewal))
    assert f"paid_twice:{SALE}" not in standing(ledger)


def test_of_three_payments_of_one_sale_both_that_are_too_many_go_back_before_the_case_ends() -> None:
    ledger = FoldRecorder(a_sale(checkout_session_id=SESSION)).hear(completed())
    for number, name in enumerate(("two", "three"), start=2):
        ids: dict[str, Any] = {
            "invoice_id": InvoiceId(f"in_{name}"),
            "payment_intent_id": PaymentIntentId(f"pi_{name}"),
        }
        ledger.hear(invoice(number, **ids))
    for name, standing_still in (("two", {f"paid_twice:{SALE}"}), ("three", set())):
        assert set(standing(ledger)) == {f"paid_twice:{SALE}"}
        back: dict[str, Any] = {
            "invoice_id": f"in_{name}",
            "payment_intent_id": PaymentIntentId(f"pi_{name}"),
        }
        ledger.hear(msgspec.structs.replace(all_back(), id=MessageId(f"evt_{name}"), **back))
        assert set(standing(ledger)) == standing_still


@pytest.mark.parametrize("order", list(permutations(range(4))))
@pytest.mark.parametrize(("amount", "expected"), [(9900, {f"paid_twice:{SALE}"}), (0, set())])
def test_two_paid_pages_are_two_payments_in_every_order_of_pages_and_invoices(
    order: tuple[int, ...], amount: int, expected: set[str]
) -> None:
    two: dict[str, Any] = {"invoice_id": InvoiceId("in_two"), "subscription_id": "sub_two", "amount": amount}
    told = (completed(), invoice(), completed(2, session_id="cs_two", **two), invoice(2, **two))
    ledger = FoldRecorder(a_sale(checkout_session_id=SESSION)).hear(*(told[number] for number in order))
    paid = {name: one.amount for name, one in ledger.pages.payments.items() if one.paid_at}
    assert paid == {SALE: 9900, "in_two": amount}
    assert ledger.pages.payments[SALE].invoice_id == INVOICE
    assert set(standing(ledger)) == expected
    back: dict[str, Any] = {"payment_intent_id": PaymentIntentId("pi_two"), "invoice_id": "in_two"}
    assert standing(ledger.hear(msgspec.structs.replace(all_back(), **back))) == {}


@pytest.mark.parametrize(
    ("which", "status", "cases"), [("two", "paid", set()), ("one", "refunded", {"paid_twice"})]
)
def test_what_goes_back_of_two_paid_pages_is_of_its_own_page_in_every_order(
    which: str, status: str, cases: set[str]
) -> None:
    two: dict[str, Any] = {"invoice_id": InvoiceId("in_two"), "subscription_id": "sub_two"}
    ids: dict[str, Any] = {"invoice_id": f"in_{which}", "payment_intent_id": PaymentIntentId(f"pi_{which}")}
    back = msgspec.structs.replace(all_back(), **ids)
    told: tuple[BillingEvent, ...] = (
        completed(),
        invoice(),
        completed(2, session_id="cs_two", **two),
        invoice(2, **two),
        back,
    )
    for order in permutations(told):
        ledger = FoldRecorder(a_sale(checkout_session_id=SESSION))
        for event in order:
            ledger.hear(event)
        gone = {name: one.gone for name, one in ledger.pages.payments.items() if one.paid_at}
        assert gone == {SALE: 0, "in_two": 0} | {SALE if which == "one" else "in_two": 9900}
        assert ledger.sale.status.value == status
        # what was stopped while the second page was the only one stays stopped, and a person is asked
        stopped = ledger.pages.shipments[SALE].status is ShipmentStatus.CANCELLED and status == "paid"
        kinds = {one.kind.value for one in standing(ledger).values()}
        assert kinds == cases | ({"paid_not_shipped"} if stopped else set())

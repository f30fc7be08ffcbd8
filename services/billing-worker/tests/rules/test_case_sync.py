"""Cases over time: what opens, closes and reopens one, and what a person's closing covers."""

import itertools

import msgspec
import pytest
from purchase_events import (
    SALE,
    SUBSCRIPTION,
    FoldRecorder,
    a_sale,
    changed,
    completed,
    invoice,
    later,
)

from billing_worker.rules.cases import state_case, sync_case
from egpay.domain.books import Books, Records
from egpay.domain.case import Case, CaseCloser, CaseKind, CaseParty
from egpay.domain.case_advice import ADVICE
from egpay.domain.events import BillingEvent, EventBase, SubscriptionChanged
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import InvoiceId, SaleId, SubscriptionId

ACTIVE, CANCELED = SubscriptionStatus.ACTIVE, SubscriptionStatus.CANCELED


def facts(weight: int = 4900, about: tuple[str, ...] = ("dp_1",)) -> Case:
    return state_case(
        CaseKind.DISPUTE,
        "dp_1",
        subject=SALE,
        sale_id=SALE,
        what=f"the bank asks for {weight}",
        opened_at=later(5),
        weight=weight,
        about=about,
    )


def cause(seconds: int = 5) -> EventBase:
    return completed(seconds, at=later(seconds))


def synced(case: Case, *, known: Case | None = None, stands: bool = True, at: int = 5) -> Books:
    loaded = Records(cases={known.id: known}) if known else Records()
    return sync_case(Books(loaded=loaded), case, stands=stands, cause=cause(at))


def stored(books: Books) -> Case:
    [case] = books.written.cases.values()
    return case


def lines(books: Books) -> list[tuple[str, str]]:
    return [(entry.kind, entry.what) for entry in books.entries]


OPEN = stored(synced(facts()))
SETTLED = OPEN.closed(later(60), CaseCloser.PERSON, "the customer is known")
ENDED = OPEN.closed(later(60), CaseCloser.RULE, "its reason ended")


def test_a_reason_that_stands_opens_a_case_with_the_advice_of_its_kind_and_a_line() -> None:
    books = synced(facts())
    assert (OPEN.is_open, OPEN.cause, OPEN.todo) == (True, cause().id, ADVICE[CaseKind.DISPUTE])
    assert lines(books) == [("case.opened", "dispute: the bank asks for 4900")]
    assert [(entry.subject, entry.sale_id) for entry in books.entries] == [(SALE, SALE)]


def test_a_reason_that_does_not_stand_opens_nothing() -> None:
    assert synced(facts(), stands=False) == Books(loaded=Records())


def test_a_reason_that_goes_on_standing_changes_nothing() -> None:
    books = synced(facts(), known=OPEN, at=90)
    assert (books.written.cases, books.entries) == ({}, ())


def test_a_case_follows_its_facts_while_it_is_open() -> None:
    books = synced(msgspec.structs.replace(facts(2000), waits_for=CaseParty.BANK), known=OPEN, at=90)
    after = stored(books)
    assert (after.weight, after.waits_for, after.opened_at) == (2000, CaseParty.BANK, later(5))
    assert lines(books) == [("case.changed", "dispute: the bank asks for 2000")]


def test_a_reason_that_ends_closes_its_case_by_the_rule() -> None:
    books = synced(facts(), known=OPEN, stands=False, at=90)
    after = stored(books)
    assert (after.closed_by, after.closed_at) == (CaseCloser.RULE, later(90))
    assert lines(books) == [("case.closed", "dispute: its reason ended: the bank asks for 4900")]


def test_a_reason_that_stands_again_after_the_rule_closed_it_reopens_the_case() -> None:
    books = synced(facts(), known=ENDED, at=120)
    after = stored(books)
    assert (after.is_open, after.closed_by, after.closed_because, after.cause) == (
        True,
        None,
        None,
        cause(120).id,
    )
    assert lines(books) == [("case.reopened", "dispute: the bank asks for 4900")]


@pytest.mark.parametrize("case", [facts(), facts(weight=100), facts(about=())])
def test_what_a_person_closed_stays_closed_for_the_same_facts(case: Case) -> None:
    for stands in (True, False):
        books = synced(case, known=SETTLED, stands=stands, at=120)
        assert (books.written.cases, books.entries) == ({}, ())


@pytest.mark.parametrize("case", [facts(weight=4901), facts(about=("dp_1", "dp_2"))])
def test_a_larger_amount_or_another_object_reopens_what_a_person_closed(case: Case) -> None:
    books = synced(case, known=SETTLED, at=120)
    assert stored(books).is_open
    assert [kind for kind, _ in lines(books)] == ["case.reopened"]


def test_a_case_that_a_person_closed_before_objects_were_stored_covers_them_all() -> None:
    known = msgspec.structs.replace(SETTLED, about=())
    assert synced(facts(), known=known, at=120).written.cases == {}


def test_a_snooze_lasts_while_the_facts_are_the_same_and_ends_with_more() -> None:
    snoozed = OPEN.snoozed(later(900), "the bank was asked")
    fewer, more = synced(facts(100), known=snoozed), synced(facts(9900), known=snoozed)
    assert (stored(fewer).snoozed_until, stored(more).snoozed_until) == (later(900), None)


def test_every_kind_has_advice_in_one_line() -> None:
    assert set(ADVICE) == set(CaseKind)
    assert all(0 < len(text) <= 120 and "\n" not in text for text in ADVICE.values())


SECOND, OTHER_SALE = SubscriptionId("sub_two"), SaleId("sale_two")


def ending(n: int, seconds: int, *, on: bool) -> SubscriptionChanged:
    event = changed(ACTIVE, n, at=later(seconds))
    report = msgspec.structs.replace(event.report, cancel_at=later(9000) if on else None)
    return msgspec.structs.replace(event, report=report)


def bought_twice() -> tuple[BillingEvent, ...]:
    return (
        changed(ACTIVE),
        invoice(),
        changed(ACTIVE, 2, at=later(50), subscription_id=SECOND, sale_id=OTHER_SALE),
        invoice(2, subscription_id=SECOND, sale_id=OTHER_SALE, invoice_id=InvoiceId("in_two")),
    )


def organisation_of(ledger: FoldRecorder) -> str:
    [account] = ledger.pages.accounts.values()
    return account.organisation.id


@pytest.mark.parametrize("taken_up", [True, False])
def test_a_change_of_mind_ends_with_one_case_or_none_in_every_order(*, taken_up: bool) -> None:
    reports = (ending(3, 40, on=True), *((ending(4, 60, on=False),) if taken_up else ()))
    for order in itertools.permutations((*bought_twice(), *reports)):
        ledger = FoldRecorder(a_sale(), a_sale(OTHER_SALE)).hear(*order, *order)
        cases = [case for case in ledger.pages.cases.values() if case.is_open]
        assert [case.about for case in cases] == ([("sub_one", "sub_two")] if taken_up else [])
        assert [case.subject for case in cases] == ([organisation_of(ledger)] if taken_up else [])


def test_a_second_subscription_that_a_person_allowed_is_asked_about_again_only_with_a_third() -> None:
    third, its_sale = SubscriptionId("sub_three"), SaleId("sale_three")
    ledger = FoldRecorder(a_sale(), a_sale(OTHER_SALE), a_sale(its_sale)).hear(*bought_twice())
    [case] = ledger.pages.cases.values()
    ledger.pages.cases[case.id] = case.closed(later(99), CaseCloser.PERSON, "two teams")
    ledger.hear(ending(5, 100, on=True), ending(6, 110, on=False))
    assert not ledger.pages.cases[case.id].is_open
    ledger.hear(
        changed(ACTIVE, 7, at=later(120), subscription_id=third, sale_id=its_sale),
        invoice(7, subscription_id=third, sale_id=its_sale, invoice_id=InvoiceId("in_three")),
    )
    assert ledger.pages.cases[case.id].about == ("sub_one", "sub_three", "sub_two")
    assert ledger.pages.cases[case.id].is_open


def test_a_second_subscription_that_is_over_closes_its_case_with_the_event_that_ended_it() -> None:
    ledger = FoldRecorder(a_sale(), a_sale(OTHER_SALE)).hear(*bought_twice())
    over = changed(CANCELED, 9, at=later(200))
    ledger.hear(over)
    [case] = ledger.pages.cases.values()
    assert (case.closed_by, case.closed_at) == (CaseCloser.RULE, later(200))
    [line] = [entry for entry in ledger.outcomes[-1].entries if entry.kind == "case.closed"]
    assert (line.cause, line.subject) == (over.id, organisation_of(ledger))
    assert ledger.pages.subscriptions[SUBSCRIPTION].status is CANCELED

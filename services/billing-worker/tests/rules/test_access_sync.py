"""The stored access of an organisation, and what the product hears of it."""

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
from purchase_events import NOON, SALE, SUBSCRIPTION, FoldRecorder, a_sale, changed, invoice, later

from egpay.domain.access import Access
from egpay.domain.events import (
    AccessDue,
    BillingEvent,
    InvoiceClosed,
    InvoicePaymentFailed,
    RenewalOverdue,
    Source,
)
from egpay.domain.public_events import AccessChanged
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import InvoiceId, MessageId, OrganisationId

ACTIVE, PAST_DUE = SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE
RENEWAL = InvoiceId("in_two")
DAY = 86_400
FINALISED = later(30 * DAY)
END = FINALISED + timedelta(days=14)


def failed(
    attempt: int = 1, *, invoice_id: InvoiceId = RENEWAL, since: datetime | None = FINALISED
) -> InvoicePaymentFailed:
    return InvoicePaymentFailed(
        id=MessageId(f"evt_failed_{invoice_id}_{attempt}"),
        occurred_at=later((30 + 3 * attempt) * DAY),
        source=Source.STRIPE,
        sale_id=SALE,
        invoice_id=invoice_id,
        attempt=attempt,
        initial=False,
        subscription_id=SUBSCRIPTION,
        owed_since=since,
    )


def overdue(n: int = 2) -> BillingEvent:
    return changed(PAST_DUE, n, at=later(33 * DAY))


def closed(*, voided: bool = True) -> InvoiceClosed:
    return InvoiceClosed(
        id=MessageId("evt_closed"),
        occurred_at=later(40 * DAY),
        source=Source.STRIPE,
        sale_id=SALE,
        invoice_id=RENEWAL,
        voided=voided,
        initial=False,
        currency="eur",
        subscription_id=SUBSCRIPTION,
    )


def answered(n: int = 1, **facts: Any) -> RenewalOverdue:
    known: dict[str, Any] = {"invoice_id": RENEWAL, "owed_since": FINALISED}
    return RenewalOverdue(
        id=MessageId(f"answer_{n}"),
        occurred_at=later(34 * DAY),
        source=Source.RECONCILE,
        sale_id=SALE,
        subscription_id=SUBSCRIPTION,
        **{**known, **facts},
    )


def due(ledger: FoldRecorder, at: datetime = END) -> AccessDue:
    return AccessDue(
        id=MessageId(f"access:{at}"),
        occurred_at=at,
        source=Source.RECONCILE,
        organisation_id=organisation(ledger),
        subscription_id=SUBSCRIPTION,
        elapsed=at,
    )


def bought() -> FoldRecorder:
    return FoldRecorder(a_sale()).hear(changed(ACTIVE), invoice())


def organisation(ledger: FoldRecorder) -> OrganisationId:
    assert ledger.account is not None
    return ledger.account.organisation.id


def access(ledger: FoldRecorder) -> Access:
    return ledger.pages.accesses[organisation(ledger)]


def told(ledger: FoldRecorder) -> list[str]:
    news = [event for outcome in ledger.outcomes for event in outcome.public_events]
    return [event.id for event in news if isinstance(event, AccessChanged)]


def test_a_purchase_gives_full_access_once_its_first_payment_is_settled() -> None:
    ledger = FoldRecorder(a_sale()).hear(changed(ACTIVE))
    assert not ledger.pages.accesses
    ledger.hear(invoice())
    given = access(ledger)
    assert (given.level, given.why, given.version, given.subscription_id) == (
        "full",
        "active",
        1,
        SUBSCRIPTION,
    )
    assert told(ledger) == [f"public:access:{given.organisation_id}:1"]


def test_what_changes_no_access_stores_and_publishes_nothing() -> None:
    ledger = bought().hear(changed(ACTIVE, 2, at=later(5)))
    ledger.hear(invoice(2, initial=False, invoice_id=RENEWAL, at=later(6)))
    assert not ledger.outcomes[-1].written.accesses
    assert len(told(ledger)) == 1


def test_grace_ends_fourteen_days_after_the_finalisation_in_every_order_of_events() -> None:
    for order in itertools.permutations((failed(1), failed(2), overdue())):
        given = access(bought().hear(*order))
        assert (given.level, given.why, given.until) == ("grace", "past_due", END)


def test_the_oldest_unpaid_renewal_counts_and_one_that_is_settled_no_more() -> None:
    later_one = failed(invoice_id=InvoiceId("in_three"), since=later(60 * DAY))
    for order in itertools.permutations((failed(), overdue(), later_one)):
        assert access(bought().hear(*order)).until == END
    paid = invoice(9, initial=False, invoice_id=RENEWAL, at=later(61 * DAY))
    for settled in itertools.permutations((failed(), overdue(), later_one, paid)):
        assert access(bought().hear(*settled)).until == later(74 * DAY)


@pytest.mark.parametrize("voided", [True, False])
def test_an_invoice_that_was_voided_or_given_up_is_owed_no_more(voided: bool) -> None:
    for order in itertools.permutations((failed(), overdue(), closed(voided=voided))):
        given = access(bought().hear(*order))
        assert (given.level, given.until) == ("grace", None)


def test_a_renewal_that_a_credit_settled_without_money_is_owed_no_more() -> None:
    settled = invoice(2, initial=False, invoice_id=RENEWAL, amount=0, at=later(40 * DAY))
    told: tuple[BillingEvent, ...] = (failed(), settled, changed(ACTIVE))
    for order in itertools.permutations(told):
        ledger = FoldRecorder(a_sale()).hear(*order)
        assert ledger.subscription.overdue_since is None


def test_a_renewal_paid_at_the_second_try_leaves_full_access_in_every_order() -> None:
    paid = invoice(9, initial=False, invoice_id=RENEWAL, at=later(35 * DAY))
    current = changed(ACTIVE, 3, at=later(35 * DAY))
    for order in itertools.permutations((failed(), overdue(), paid, current)):
        given = access(bought().hear(*order))
        assert (given.level, given.until) == ("full", None)


def test_a_failure_that_does_not_say_since_when_is_asked_about_once_it_is_overdue() -> None:
    ledger = bought().hear(failed(since=None), overdue())
    assert access(ledger).until is None
    assert [one for one in ledger.wanted if one.startswith("overdue:")] == [
        f"overdue:{SUBSCRIPTION}:evt_changed_past_due_2"
    ]
    assert access(ledger.hear(answered())).until == END


@pytest.mark.parametrize("settled", [invoice(9, initial=False, invoice_id=RENEWAL), closed()])
def test_when_the_renewal_that_was_owed_is_settled_a_later_one_is_asked_about(settled: BillingEvent) -> None:
    ledger = bought().hear(overdue(), answered(), settled)
    assert access(ledger).until is None
    assert [one for one in ledger.wanted if one.startswith("overdue:")][1:] == [
        f"overdue:{SUBSCRIPTION}:{RENEWAL}"
    ]
    since = later(40 * DAY)
    ledger.hear(answered(2, invoice_id=InvoiceId("in_three"), owed_since=since))
    assert access(ledger).until == since + timedelta(days=14)


def test_a_date_that_is_known_already_is_not_asked_for() -> None:
    assert not [one for one in bought().hear(failed(), overdue()).wanted if one.startswith("overdue:")]


def test_a_failure_that_is_reported_before_the_subscription_is_kept_for_it() -> None:
    ledger = FoldRecorder(a_sale()).hear(failed(), invoice(), overdue(), changed(ACTIVE))
    assert (access(ledger).level, access(ledger).until) == ("grace", END)


def test_when_the_grace_period_is_over_nothing_is_left_and_the_product_hears_it_once() -> None:
    ledger = bought().hear(failed(), overdue())
    before = told(ledger)
    ledger.hear(due(ledger)).hear(due(ledger))
    assert (access(ledger).level, access(ledger).why, access(ledger).version) == ("none", "grace_over", 3)
    assert told(ledger) == [*before, f"public:access:{organisation(ledger)}:3"]


def test_a_further_try_after_the_end_of_the_grace_gives_no_new_grace_and_a_payment_gives_full_access() -> (
    None
):
    ledger = bought().hear(failed(), overdue())
    ledger.hear(due(ledger)).hear(failed(4))
    assert access(ledger).why == "grace_over"
    ledger.hear(changed(ACTIVE, 9, at=later(50 * DAY)))
    assert access(ledger).level == "full"


def test_an_end_that_passed_before_the_failure_was_paid_for_does_not_end_a_later_grace() -> None:
    ledger = bought().hear(failed(), overdue())
    ledger.hear(due(ledger), invoice(9, initial=False, invoice_id=RENEWAL, at=later(50 * DAY)))
    ledger.hear(failed(invoice_id=InvoiceId("in_three"), since=later(60 * DAY)))
    assert (access(ledger).level, access(ledger).until) == ("grace", later(74 * DAY))


def test_the_days_of_grace_are_the_installations_setting() -> None:
    ledger = bought()
    [(key, this)] = ledger.pages.installations.items()
    ledger.pages.installations[key] = type(this)(id=this.id, since=this.since, access_grace_days=2)
    assert access(ledger.hear(failed(), overdue())).until == FINALISED + timedelta(days=2)


def test_an_end_takes_access_at_once() -> None:
    ledger = bought().hear(changed(SubscriptionStatus.CANCELED, at=NOON + timedelta(days=1)))
    assert (access(ledger).level, access(ledger).why) == ("none", "canceled")


def test_an_overdue_organisation_from_before_access_was_stored_is_asked_about() -> None:
    ledger = bought().hear(failed(since=None), overdue())
    first = AccessDue(
        id=MessageId("first"),
        occurred_at=later(40 * DAY),
        source=Source.RECONCILE,
        organisation_id=organisation(ledger),
        subscription_id=SUBSCRIPTION,
    )
    assert ledger.hear(first).wanted[-1] == f"overdue:{SUBSCRIPTION}:first"

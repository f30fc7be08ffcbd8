import itertools
from datetime import UTC, datetime

import pytest
from purchase_events import (
    INVOICE,
    KEY,
    SALE,
    SESSION,
    FoldRecorder,
    a_sale,
    changed,
    completed,
    invoice,
    later,
)

from egpay.domain.events import (
    BillingEvent,
    CheckoutExpired,
    CheckoutPaymentFailed,
    InvoicePaymentFailed,
    ShipmentReported,
    Source,
)
from egpay.domain.sale import SaleStatus
from egpay.domain.shipment import Progress, ShipmentStatus
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import InvoiceId, MessageId, SaleId, SessionId, SubscriptionId, TotalDetails

ACTIVE, INCOMPLETE = SubscriptionStatus.ACTIVE, SubscriptionStatus.INCOMPLETE
PAST_DUE, CANCELED = SubscriptionStatus.PAST_DUE, SubscriptionStatus.CANCELED


def test_a_completed_checkout_completes_the_sale_and_records_the_subscription() -> None:
    ledger = FoldRecorder(a_sale()).hear(completed())
    assert ledger.sale.status is SaleStatus.PAID
    assert ledger.sale.subscription_id == "sub_one"
    assert ledger.subscription.sale_id == SALE
    assert ledger.subscription.status is INCOMPLETE
    assert ledger.wanted == ["ship:sale_one"]


def test_the_sale_keeps_what_was_taken_off_and_added_of_the_page_that_counts() -> None:
    totals = TotalDetails(discount=1_000, shipping=490, tax=2_060)
    other = completed(2, session_id=SessionId("cs_other"), totals=TotalDetails(tax=1))
    for told in ((completed(totals=totals), other), (other, completed(totals=totals))):
        ledger = FoldRecorder(a_sale(checkout_session_id=SESSION)).hear(*told)
        assert ledger.sale.totals == totals


def test_a_page_that_says_nothing_of_totals_takes_none_away() -> None:
    ledger = FoldRecorder(a_sale()).hear(completed(totals=TotalDetails(tax=7)), completed(2))
    assert ledger.sale.totals == TotalDetails(tax=7)


def test_an_active_unknown_subscription_provisions_its_owner_once() -> None:
    ledger = FoldRecorder(a_sale()).hear(
        changed(ACTIVE), changed(ACTIVE, 2), invoice(), changed(ACTIVE, 3, at=later(5))
    )
    assert ledger.account is not None
    assert ledger.account.admin.email == "Ada@example.com"
    assert ledger.account.organisation.name == "Analytical Engines"
    assert ledger.subscription.welcomed
    assert ledger.subscription.organisation_id == ledger.account.organisation.id
    introduction = f"introduction:{ledger.account.organisation.id}"
    assert ledger.wanted == [introduction, "expire-pages:sub_one", "ship:sale_one"]


PURCHASE = (
    changed(INCOMPLETE, at=later(0)),
    changed(ACTIVE, at=later(1)),
    completed(at=later(1)),
    invoice(1, at=later(1)),
    invoice(2, at=later(1)),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(5))), ids=str)
def test_a_purchase_ends_the_same_in_whatever_order_it_is_told(order: tuple[int, ...]) -> None:
    ledger = FoldRecorder(a_sale())
    for index in order:
        ledger.hear(PURCHASE[index]).hear(PURCHASE[index])
    assert ledger.parked == []
    assert ledger.sale.status is SaleStatus.PAID
    assert ledger.sale.paid_at == later(1)
    assert ledger.subscription.status is ACTIVE
    assert ledger.account is not None
    assert ledger.pages.payments[SALE].amount == 9900
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.REQUESTED
    introduction = f"introduction:{ledger.account.organisation.id}"
    assert sorted(ledger.wanted) == ["expire-pages:sub_one", introduction, "ship:sale_one"]


def test_a_returning_email_keeps_its_organisation_and_is_not_introduced_again() -> None:
    second = SubscriptionId("sub_two")
    sale_two = a_sale(SaleId("sale_two"), organisation=" analytical  ENGINES")
    ledger = FoldRecorder(a_sale(), sale_two).hear(
        changed(ACTIVE),
        invoice(),
        changed(ACTIVE, 2, subscription_id=second, sale_id=sale_two.id, at=later(9)),
        invoice(2, subscription_id=second, sale_id=sale_two.id, invoice_id=InvoiceId("in_two")),
    )
    assert ledger.account is not None
    assert ledger.account.organisation.name == "Analytical Engines"
    assert ledger.pages.subscriptions[second].organisation_id == ledger.account.organisation.id
    assert len([key for key in ledger.wanted if key.startswith("introduction:")]) == 1


def test_the_newest_report_of_a_subscription_wins_over_one_that_comes_late() -> None:
    ledger = FoldRecorder(a_sale()).hear(changed(PAST_DUE, at=later(60)), changed(ACTIVE, at=later(10)))
    assert ledger.subscription.status is PAST_DUE


def test_an_ended_subscription_is_not_brought_back_and_lets_nobody_in() -> None:
    ledger = FoldRecorder(a_sale()).hear(changed(CANCELED, at=later(5)), changed(ACTIVE, at=later(4)))
    assert ledger.subscription.status is CANCELED
    assert ledger.account is None


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
def test_two_reports_of_one_second_never_fall_back_and_ask_the_provider_once(order: tuple[int, ...]) -> None:
    reports = (changed(INCOMPLETE, at=later(0)), changed(ACTIVE, at=later(0)))
    ledger = FoldRecorder(a_sale()).hear(*(reports[index] for index in order))
    assert ledger.subscription.status is ACTIVE
    questions = [key for key in ledger.wanted if key.startswith("refresh:")]
    assert questions == [f"refresh:sub_one:{int(later(0).timestamp())}"]


def test_a_subscription_that_no_sale_began_is_mirrored_and_lets_nobody_in_yet() -> None:
    ledger = FoldRecorder(catalogue=("price_ours",)).hear(
        changed(ACTIVE, sale_id=None, prices=("price_ours",))
    )
    assert ledger.subscription.status is ACTIVE
    assert ledger.pages.accounts == {}
    assert ledger.parked == []


def test_a_delayed_payment_waits_and_ships_when_the_money_is_there() -> None:
    ledger = FoldRecorder(a_sale()).hear(completed(paid=False))
    assert ledger.sale.status is SaleStatus.AWAITING_PAYMENT
    assert ledger.pages.shipments == {}
    ledger.hear(completed(2, at=later(500_000)))
    assert ledger.pages.sales[SALE].status is SaleStatus.PAID
    assert ledger.pages.shipments[SALE].status is ShipmentStatus.REQUESTED


def test_a_delayed_payment_that_fails_ends_the_same_in_both_orders() -> None:
    failed = CheckoutPaymentFailed(
        id=MessageId("evt_failed"),
        occurred_at=later(9),
        source=Source.STRIPE,
        sale_id=SALE,
        session_id=SESSION,
    )
    pending = completed(paid=False)
    for events in ((pending, failed), (failed, pending)):
        ledger = FoldRecorder(a_sale()).hear(*events)
        assert ledger.sale.status is SaleStatus.PAYMENT_FAILED
        assert ledger.pages.shipments == {}


def test_a_closed_checkout_page_expires_the_sale_but_never_a_paid_one() -> None:
    expired = CheckoutExpired(
        id=MessageId("evt_expired"),
        occurred_at=later(9),
        source=Source.STRIPE,
        sale_id=SALE,
        session_id=SESSION,
    )
    assert FoldRecorder(a_sale()).hear(expired).sale.status is SaleStatus.EXPIRED
    assert FoldRecorder(a_sale()).hear(completed(), expired).sale.status is SaleStatus.PAID
    assert FoldRecorder(a_sale()).hear(expired, completed()).sale.status is SaleStatus.PAID


def test_the_end_of_an_overtaken_checkout_page_changes_nothing() -> None:
    expired = CheckoutExpired(
        id=MessageId("evt_expired"),
        occurred_at=later(9),
        source=Source.STRIPE,
        sale_id=SALE,
        session_id=SessionId("cs_first"),
    )
    ledger = FoldRecorder(a_sale(checkout_session_id=SESSION, session_attempt=2)).hear(expired)
    assert ledger.sale.status is SaleStatus.IN_PROGRESS


def test_a_renewal_is_recorded_and_ships_nothing() -> None:
    ledger = FoldRecorder(a_sale()).hear(completed())
    ledger.hear(invoice(9, initial=False, invoice_id=InvoiceId("in_two"), amount=900, at=later(99)))
    assert ledger.pages.payments["in_two"].amount == 900
    assert ledger.wanted == ["ship:sale_one"]


def test_an_order_that_costs_nothing_ships() -> None:
    ledger = FoldRecorder(a_sale(total=0)).hear(completed(amount=0, subtotal=0))
    assert ledger.sale.status is SaleStatus.PAID
    assert ledger.wanted == ["ship:sale_one"]


def test_a_cart_without_devices_ships_nothing() -> None:
    ledger = FoldRecorder(a_sale(device_quantity=0)).hear(completed(), invoice())
    assert ledger.pages.shipments == {}
    assert ledger.wanted == []


def test_the_email_typed_at_checkout_becomes_the_billing_email_and_never_the_identity() -> None:
    ledger = FoldRecorder(a_sale()).hear(completed(), changed(ACTIVE), buyer_email="accounts@example.org")
    assert ledger.sale.billing_email == "accounts@example.org"
    assert ledger.account is not None
    assert ledger.account.admin.email_key == KEY


def test_a_billing_email_named_in_the_order_is_kept() -> None:
    ledger = FoldRecorder(a_sale(billing_email="books@example.com")).hear(
        completed(), buyer_email="typed@example.org"
    )
    assert ledger.sale.billing_email == "books@example.com"


def test_a_renewal_that_cannot_be_collected_is_on_the_timeline() -> None:
    failed = InvoicePaymentFailed(
        id=MessageId("evt_try"),
        occurred_at=later(9),
        source=Source.STRIPE,
        sale_id=SALE,
        invoice_id=INVOICE,
        attempt=2,
        initial=False,
    )
    ledger = FoldRecorder(a_sale()).hear(failed)
    (entry,) = ledger.outcomes[-1].entries
    assert entry.kind == "payment.attempt_failed"
    assert "try 2" in entry.what


def test_the_warehouse_moves_a_shipment_forward_only() -> None:
    def report(progress: Progress, n: int) -> ShipmentReported:
        return ShipmentReported(
            id=MessageId(f"warehouse:{n}"),
            occurred_at=later(n),
            source=Source.WAREHOUSE,
            sale_id=SALE,
            progress=progress,
            tracking_url="https://track.example/1" if progress is Progress.SHIPPED else None,
        )

    ledger = FoldRecorder(a_sale()).hear(
        completed(), report(Progress.SHIPPED, 2), report(Progress.ACCEPTED, 1)
    )
    shipment = ledger.pages.shipments[SALE]
    assert shipment.status is ShipmentStatus.SHIPPED
    assert shipment.tracking_url == "https://track.example/1"


def test_a_report_on_a_sale_that_is_missing_is_parked_with_its_reason_and_its_neighbours_go_on() -> None:
    stranger = ShipmentReported(
        id=MessageId("warehouse:7"),
        occurred_at=later(7),
        source=Source.WAREHOUSE,
        sale_id=SaleId("sale_of_somebody_else"),
        progress=Progress.SHIPPED,
    )
    ledger = FoldRecorder(a_sale()).hear(stranger, completed(8))
    assert ledger.parked == ["Defect: there is no sale sale_of_somebody_else"]
    assert ledger.sale.status is SaleStatus.PAID


def test_no_line_on_the_timeline_holds_personal_data() -> None:
    ledger = FoldRecorder(a_sale()).hear(
        completed(), changed(ACTIVE), invoice(), buyer_email="typed@example.org"
    )
    lines = " ".join(entry.what for outcome in ledger.outcomes for entry in outcome.entries)
    assert "@" not in lines
    assert "Ada" not in lines
    assert all(entry.at >= datetime(2026, 1, 1, tzinfo=UTC) for entry in ledger.outcomes[0].entries)


def test_the_subscription_is_the_sales_from_its_first_paid_invoice_on() -> None:
    ledger = FoldRecorder(a_sale()).hear(invoice())
    assert ledger.subscription.sale_id == SALE
    assert ledger.subscription.status is INCOMPLETE


@pytest.mark.parametrize("arrives", [False, True])
def test_a_trial_beside_devices_opens_its_account_with_the_money_for_them(arrives: bool) -> None:
    bounced = CheckoutPaymentFailed(
        id=MessageId("evt_failed"),
        occurred_at=later(90),
        source=Source.STRIPE,
        sale_id=SALE,
        session_id=SESSION,
    )
    outcome: BillingEvent = completed(2, at=later(90)) if arrives else bounced
    told: tuple[BillingEvent, ...] = (
        changed(SubscriptionStatus.TRIALING),
        completed(paid=False),
        outcome,
    )
    for order in itertools.permutations(told):
        ledger = FoldRecorder(a_sale()).hear(*order)
        assert (ledger.account is not None, ledger.sale.paid) == (arrives, arrives)


def test_a_trial_alone_opens_its_account_at_once() -> None:
    ledger = FoldRecorder(a_sale(total=0, device_quantity=0)).hear(changed(SubscriptionStatus.TRIALING))
    assert ledger.account is not None

"""One purchase, told by Stripe in every generation of its API, is one purchase in our words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from egpay.adapters.stripe.inbound.translation import translate
from egpay.domain.events import (
    BillingEvent,
    CheckoutCompleted,
    CheckoutExpired,
    CheckoutPaymentFailed,
    CreditNoteReported,
    DisputeReported,
    FraudWarningReported,
    InvoiceClosed,
    InvoicePaid,
    InvoicePaymentFailed,
    InvoicePaymentLinked,
    PaymentRefunded,
    RefundReported,
    ReviewReported,
    SubscriptionChanged,
)
from egpay.domain.refunds import RefundStatus
from egpay.domain.subscription import SubscriptionStatus
from egpay.ports.inbox import Disposition, Receipt
from egpay.testing import stripe_objects as stripe
from egpay.testing.stripe_events import event
from egpay.testing.stripe_objects import Generation

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PERIOD_END = datetime.fromtimestamp(stripe.PERIOD_END, UTC)
ENDIVE = Generation.ENDIVE

pytestmark = pytest.mark.parametrize("generation", list(Generation))


def read(kind: str, content: dict[str, Any], generation: Generation) -> Receipt:
    return translate(event(kind, content, generation=generation), live=False, at=NOW)


def heard(kind: str, content: dict[str, Any], generation: Generation) -> BillingEvent:
    receipt = read(kind, content, generation)
    assert receipt.event is not None, receipt.reason
    assert receipt.disposition is Disposition.ACCEPTED
    return receipt.event


def test_a_completed_session_names_sale_money_and_whom_it_belongs_to(generation: Generation) -> None:
    receipt = read("checkout.session.completed", stripe.session(generation), generation)
    completed = receipt.event
    assert isinstance(completed, CheckoutCompleted)
    assert (completed.sale_id, completed.session_id) == (stripe.SALE, "cs_test_one")
    assert (completed.paid, completed.amount, completed.currency) == (True, 12_900, "eur")
    assert (completed.customer_id, completed.subscription_id) == ("cus_one", "sub_one")
    assert receipt.buyer_email == stripe.BUYER["email"]


@pytest.mark.parametrize(
    ("status", "paid"), [("paid", True), ("no_payment_required", True), ("unpaid", False)]
)
def test_a_completed_session_is_paid_unless_a_delayed_method_is_under_way(
    generation: Generation, status: str, paid: bool
) -> None:
    content = stripe.session(generation, payment_status=status)
    completed = heard("checkout.session.completed", content, generation)
    assert isinstance(completed, CheckoutCompleted)
    assert completed.paid is paid


def test_money_of_a_delayed_method_makes_the_session_paid(generation: Generation) -> None:
    content = stripe.session(generation, payment_status="unpaid")
    completed = heard("checkout.session.async_payment_succeeded", content, generation)
    assert isinstance(completed, CheckoutCompleted)
    assert completed.paid is True


def test_the_other_ends_of_a_session_are_told_apart(generation: Generation) -> None:
    content = stripe.session(generation)
    expired = heard("checkout.session.expired", content, generation)
    failed = heard("checkout.session.async_payment_failed", content, generation)
    assert isinstance(expired, CheckoutExpired)
    assert isinstance(failed, CheckoutPaymentFailed)
    assert expired.session_id == failed.session_id == "cs_test_one"
    assert expired.sale_id == failed.sale_id == stripe.SALE


def test_before_there_were_customer_details_the_buyer_had_a_customer_email(generation: Generation) -> None:
    content = stripe.session(generation, customer_details=None, customer_email="old@example.com")
    assert read("checkout.session.completed", content, generation).buyer_email == "old@example.com"


@pytest.mark.parametrize("metadata", [{}, None])
def test_the_reference_alone_says_whose_session_it_is(generation: Generation, metadata: Any) -> None:
    content = stripe.session(generation, metadata=metadata)
    assert read("checkout.session.completed", content, generation).sale_id == stripe.SALE


@pytest.mark.parametrize("reference", [None, "user_42", ""])
def test_another_products_session_is_ignored(generation: Generation, reference: str | None) -> None:
    content = stripe.session(generation, sale_id=None, client_reference_id=reference, amount_total=None)
    receipt = read("checkout.session.completed", content, generation)
    assert receipt.disposition is Disposition.IGNORED
    assert "sale_id" in (receipt.reason or "")
    assert receipt.buyer_email is None


@pytest.mark.parametrize("kind", ["created", "updated", "paused", "resumed"])
def test_a_subscription_is_reported_as_it_stands(generation: Generation, kind: str) -> None:
    changed = heard(f"customer.subscription.{kind}", stripe.subscription(generation), generation)
    assert isinstance(changed, SubscriptionChanged)
    assert (changed.subscription_id, changed.sale_id) == ("sub_one", stripe.SALE)
    assert changed.report.status is SubscriptionStatus.ACTIVE
    assert (changed.report.quantity, changed.report.customer_id) == (3, "cus_one")
    assert changed.report.current_period_end == PERIOD_END
    assert changed.report.cancel_at is None


@pytest.mark.parametrize("status", list(SubscriptionStatus))
def test_all_eight_states_are_known(generation: Generation, status: SubscriptionStatus) -> None:
    content = stripe.subscription(generation, status=status.value)
    changed = heard("customer.subscription.updated", content, generation)
    assert isinstance(changed, SubscriptionChanged)
    assert changed.report.status is status


def test_a_deleted_subscription_is_over_however_it_is_rendered(generation: Generation) -> None:
    content = stripe.subscription(generation, status="active")
    ended = heard("customer.subscription.deleted", content, generation)
    assert isinstance(ended, SubscriptionChanged)
    assert ended.report.status is SubscriptionStatus.CANCELED


def test_a_cancellation_at_the_end_of_the_period_has_its_date(generation: Generation) -> None:
    content = stripe.subscription(generation, cancel_at_period_end=True)
    changed = heard("customer.subscription.updated", content, generation)
    assert isinstance(changed, SubscriptionChanged)
    assert changed.report.cancel_at == PERIOD_END


def test_a_cancellation_on_a_day_has_that_day(generation: Generation) -> None:
    content = stripe.subscription(generation, cancel_at=1_797_000_000)
    changed = heard("customer.subscription.updated", content, generation)
    assert isinstance(changed, SubscriptionChanged)
    assert changed.report.cancel_at == datetime.fromtimestamp(1_797_000_000, UTC)


def test_a_metered_subscription_is_for_one(generation: Generation) -> None:
    changed = heard(
        "customer.subscription.updated", stripe.subscription(generation, quantity=None), generation
    )
    assert isinstance(changed, SubscriptionChanged)
    assert changed.report.quantity == 1


def test_a_subscription_made_in_the_dashboard_is_mirrored_without_a_sale(generation: Generation) -> None:
    receipt = read("customer.subscription.created", stripe.subscription(generation, sale_id=None), generation)
    assert receipt.disposition is Disposition.ACCEPTED
    assert receipt.sale_id is None


@pytest.mark.parametrize("kind", ["invoice.paid", "invoice.payment_succeeded"])
def test_the_first_invoice_of_a_subscription_is_for_the_order(generation: Generation, kind: str) -> None:
    paid = heard(kind, stripe.invoice(generation), generation)
    assert isinstance(paid, InvoicePaid)
    assert (paid.invoice_id, paid.sale_id, paid.subscription_id) == ("in_one", stripe.SALE, "sub_one")
    assert (paid.amount, paid.currency, paid.initial) == (12_900, "eur", True)
    assert paid.customer_id == "cus_one"


@pytest.mark.parametrize("reason", ["subscription_cycle", "subscription_update", "manual", "something_new"])
def test_any_later_invoice_of_a_subscription_is_not(generation: Generation, reason: str) -> None:
    paid = heard("invoice.paid", stripe.invoice(generation, billing_reason=reason), generation)
    assert isinstance(paid, InvoicePaid)
    assert paid.initial is False
    assert paid.subscription_id == "sub_one"


def test_the_invoice_for_devices_alone_is_for_the_order(generation: Generation) -> None:
    paid = heard("invoice.paid", stripe.devices_invoice(generation), generation)
    assert isinstance(paid, InvoicePaid)
    assert (paid.sale_id, paid.subscription_id, paid.initial) == (stripe.SALE, None, True)


def test_an_invoice_of_a_dashboard_subscription_is_mirrored_without_a_sale(generation: Generation) -> None:
    paid = heard("invoice.paid", stripe.invoice(generation, sale_id=None), generation)
    assert isinstance(paid, InvoicePaid)
    assert (paid.sale_id, paid.subscription_id) == (None, "sub_one")


def test_an_invoice_of_another_product_is_ignored(generation: Generation) -> None:
    receipt = read("invoice.paid", stripe.devices_invoice(generation, sale_id=None), generation)
    assert receipt.disposition is Disposition.IGNORED


def test_what_was_paid_outside_stripe_counts(generation: Generation) -> None:
    content = stripe.invoice(generation, amount_paid=0, amount_paid_off_stripe=12_900)
    paid = heard("invoice.paid", content, generation)
    assert isinstance(paid, InvoicePaid)
    assert paid.amount == 12_900


def test_a_failed_try_says_which_it_was(generation: Generation) -> None:
    content = stripe.invoice(generation, billing_reason="subscription_cycle", attempt_count=2)
    failed = heard("invoice.payment_failed", content, generation)
    assert isinstance(failed, InvoicePaymentFailed)
    assert (failed.attempt, failed.initial, failed.subscription_id) == (2, False, "sub_one")


def test_a_refund_names_the_payment_and_how_much_went_back(generation: Generation) -> None:
    refunded = heard("charge.refunded", stripe.charge(generation), generation)
    assert isinstance(refunded, PaymentRefunded)
    assert (refunded.payment_intent_id, refunded.sale_id) == ("pi_one", stripe.SALE)
    assert (refunded.amount_refunded, refunded.in_full) == (12_900, True)


def test_a_refund_without_our_sale_is_left_to_be_traced(generation: Generation) -> None:
    content = stripe.charge(generation, sale_id=None, refunded=False, amount_refunded=100)
    refunded = heard("charge.refunded", content, generation)
    assert isinstance(refunded, PaymentRefunded)
    assert (refunded.sale_id, refunded.in_full) == (None, False)


def test_a_session_in_the_buyers_currency_is_read_in_the_sales(generation: Generation) -> None:
    conversion = {
        "amount_subtotal": 12_900,
        "amount_total": 12_900,
        "fx_rate": "162",
        "source_currency": "eur",
    }
    content = stripe.session(generation, amount_total=20_898, currency="jpy", currency_conversion=conversion)
    completed = heard("checkout.session.completed", content, generation)
    assert isinstance(completed, CheckoutCompleted)
    assert (completed.amount, completed.currency) == (12_900, "eur")


REFUND_EVENTS = ("refund.created", "refund.updated", "refund.failed", "charge.refund.updated")
DISPUTE_EVENTS = ("charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed")


def test_a_refund_names_the_amount_and_currency_of_its_own_charge(generation: Generation) -> None:
    content = stripe.charge(
        generation, amount=7_938, amount_captured=7_938, amount_refunded=5_000, currency="jpy"
    )
    refunded = heard("charge.refunded", content, generation)
    assert isinstance(refunded, PaymentRefunded)
    assert (refunded.currency, refunded.charge_amount) == ("jpy", 7_938)


@pytest.mark.parametrize("kind", REFUND_EVENTS)
def test_a_refund_is_named_with_its_status_whatever_the_event_is_called(
    generation: Generation, kind: str
) -> None:
    failed = heard(kind, stripe.refund(generation), generation)
    assert isinstance(failed, RefundReported)
    assert (failed.refund_id, failed.payment_intent_id, failed.sale_id) == ("re_one", "pi_one", None)
    assert (failed.status, failed.amount, failed.currency) == (RefundStatus.FAILED, 12_900, "eur")
    assert failed.failure_reason == "expired_or_canceled_card"
    assert failed.created_at == datetime.fromtimestamp(1_700_000_000, UTC)


@pytest.mark.parametrize(
    ("status", "read_as"),
    [
        ("pending", RefundStatus.PENDING),
        ("requires_action", RefundStatus.REQUIRES_ACTION),
        ("succeeded", RefundStatus.SUCCEEDED),
        ("canceled", RefundStatus.CANCELED),
        ("a new word", RefundStatus.PENDING),
    ],
)
def test_a_refund_counts_unless_its_status_says_that_it_came_back(
    generation: Generation, status: str, read_as: RefundStatus
) -> None:
    reported = heard("refund.updated", stripe.refund(generation, status=status), generation)
    assert isinstance(reported, RefundReported)
    assert reported.status is read_as


@pytest.mark.parametrize("kind", DISPUTE_EVENTS)
def test_a_dispute_is_read_by_its_status_whatever_the_event_is_called(
    generation: Generation, kind: str
) -> None:
    reported = heard(kind, stripe.dispute(generation, status="appeal_filed", amount=100), generation)
    assert isinstance(reported, DisputeReported)
    assert (reported.payment_intent_id, reported.status) == ("pi_one", "appeal_filed")
    assert (reported.amount, reported.currency, reported.took_money) == (100, "eur", False)
    assert reported.due_by == datetime.fromtimestamp(1_700_604_800, UTC)


@pytest.mark.parametrize("details", [{"due_by": 0}, {"due_by": None}, {}, None])
def test_a_dispute_that_cannot_be_answered_is_due_at_no_time(
    generation: Generation, details: dict[str, Any] | None
) -> None:
    content = stripe.dispute(generation, evidence_details=details)
    reported = heard("charge.dispute.created", content, generation)
    assert isinstance(reported, DisputeReported)
    assert reported.due_by is None


def test_a_dispute_whose_movements_are_below_nothing_took_money(generation: Generation) -> None:
    movements = [{"amount": -4_900, "fee": 1_500}, {"amount": 100}]
    content = stripe.dispute(generation, balance_transactions=movements)
    reported = heard("charge.dispute.closed", content, generation)
    assert isinstance(reported, DisputeReported)
    assert reported.took_money


@pytest.mark.parametrize("actionable", [True, False])
def test_an_early_fraud_warning_says_whether_it_can_be_acted_upon(
    generation: Generation, actionable: bool
) -> None:
    content = stripe.fraud_warning(generation, actionable=actionable)
    warned = heard("radar.early_fraud_warning.updated", content, generation)
    assert isinstance(warned, FraudWarningReported)
    assert (warned.warning_id, warned.payment_intent_id, warned.actionable) == (
        "issfr_one",
        "pi_one",
        actionable,
    )


def test_a_payment_of_an_invoice_links_the_two(generation: Generation) -> None:
    linked = heard("invoice_payment.paid", stripe.invoice_payment(generation), generation)
    assert isinstance(linked, InvoicePaymentLinked)
    assert (linked.invoice_id, linked.payment_intent_id) == ("in_one", "pi_one")
    other = stripe.invoice_payment(generation, payment={"type": "payment_record"})
    assert read("invoice_payment.paid", other, generation).disposition is Disposition.IGNORED


@pytest.mark.parametrize(("kind", "is_voided"), [("voided", True), ("marked_uncollectible", False)])
def test_an_invoice_that_will_not_be_paid_says_how_it_ended(
    generation: Generation, kind: str, is_voided: bool
) -> None:
    closed = heard(f"invoice.{kind}", stripe.invoice(generation, status="void"), generation)
    assert isinstance(closed, InvoiceClosed)
    assert (closed.invoice_id, closed.voided, closed.initial) == ("in_one", is_voided, True)


@pytest.mark.parametrize(
    ("fields", "given_back", "owed_less"),
    [
        ({}, 500, 0),
        ({"out_of_band_amount": None}, 0, 0),
        ({"out_of_band_amount": None, "refunds": [{"refund": "re_1", "amount_refunded": 500}]}, 0, 0),
        (
            {
                "out_of_band_amount": 100,
                "customer_balance_transaction": "cbtxn_1",
                "refunds": [{"refund": "re_1", "amount_refunded": 150}],
            },
            350,
            0,
        ),
        ({"out_of_band_amount": None, "pre_payment_amount": 500, "post_payment_amount": 0}, 0, 500),
    ],
    ids=["out of band", "paper", "a linked refund", "all three", "before the payment"],
)
def test_only_a_part_of_a_credit_note_is_money_by_itself(
    generation: Generation, fields: dict[str, Any], given_back: int, owed_less: int
) -> None:
    note = heard("credit_note.created", stripe.credit_note(generation, **fields), generation)
    assert isinstance(note, CreditNoteReported)
    assert (note.given_back, note.owed_less, note.voided) == (given_back, owed_less, False)


def test_a_credit_note_of_an_older_generation_says_by_its_type_what_it_lowers(generation: Generation) -> None:
    amounts = ("pre_payment_amount", "post_payment_amount", "refunds")
    older = {name: value for name, value in stripe.credit_note(generation).items() if name not in amounts} | {
        "type": "pre_payment",
        "out_of_band_amount": None,
    }
    note = heard("credit_note.voided", older | {"status": "void"}, generation)
    assert isinstance(note, CreditNoteReported)
    assert (note.given_back, note.owed_less, note.voided) == (0, 500, True)


def test_a_review_is_open_or_closed_for_a_reason(generation: Generation) -> None:
    opened = heard("review.opened", stripe.review(generation), generation)
    content = stripe.review(generation, open=False, closed_reason="refunded_as_fraud")
    closed = heard("review.closed", content, generation)
    assert isinstance(opened, ReviewReported)
    assert isinstance(closed, ReviewReported)
    assert (opened.review_id, opened.is_open, opened.closed_reason) == ("prv_one", True, None)
    assert (closed.is_open, closed.closed_reason) == (False, "refunded_as_fraud")


@pytest.mark.parametrize(
    ("kind", "content", "field"),
    [
        ("checkout.session.completed", stripe.session(ENDIVE), "subscription"),
        ("customer.subscription.updated", stripe.subscription(ENDIVE), "customer"),
        ("invoice.paid", stripe.invoice(ENDIVE), "customer"),
        ("charge.refunded", stripe.charge(ENDIVE), "payment_intent"),
        ("refund.failed", stripe.refund(ENDIVE), "payment_intent"),
        ("charge.dispute.created", stripe.dispute(ENDIVE), "payment_intent"),
        ("radar.early_fraud_warning.created", stripe.fraud_warning(ENDIVE), "payment_intent"),
        ("review.opened", stripe.review(ENDIVE), "payment_intent"),
    ],
)
def test_a_reference_given_in_full_means_its_id(
    generation: Generation, kind: str, content: dict[str, Any], field: str
) -> None:
    expanded = {**content, field: {"id": content[field], "object": "something"}}
    assert heard(kind, expanded, generation) == heard(kind, content, generation)


def test_the_payment_of_an_invoice_is_found_where_its_generation_keeps_it(generation: Generation) -> None:
    payments = {"data": [{"payment": {"type": "charge"}}, {"payment": {"payment_intent": {"id": "pi_new"}}}]}
    plain = heard("invoice.paid", stripe.invoice(generation), generation)
    listed = heard("invoice.paid", stripe.invoice(generation, payments=payments), generation)
    assert isinstance(plain, InvoicePaid)
    assert isinstance(listed, InvoicePaid)
    assert plain.payment_intent_id == (None if generation.since_basil else "pi_one")
    assert listed.payment_intent_id == "pi_new"

"""What we cannot read is set aside with the name of the field: never guessed, never an error, never quoted."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egpay.adapters import wire
from egpay.adapters.stripe.inbound.translation import RECORDED, TRANSLATIONS, translate
from egpay.domain.events import RefundReported
from egpay.domain.refunds import RefundStatus
from egpay.ports.inbox import Disposition, Receipt
from egpay.ports.webhooks import BadBody
from egpay.testing import stripe_objects as stripe
from egpay.testing.stripe_events import event
from egpay.testing.stripe_objects import Generation

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ENDIVE = Generation.ENDIVE
PRIVATE = (*stripe.BUYER.values(), "London", "SW1Y 4JH")


def content_of(kind: str, generation: Generation = ENDIVE) -> dict[str, Any]:
    family = kind.rpartition(".")[0]
    builders: dict[str, Callable[[Generation], dict[str, Any]]] = {
        "checkout.session": stripe.session,
        "customer": lambda _: {"id": "cus_one", "object": "customer", **stripe.BUYER},
        "customer.subscription": stripe.subscription,
        "invoice": stripe.invoice,
        "charge": stripe.charge,
        "charge.refund": stripe.refund,
        "refund": stripe.refund,
        "charge.dispute": stripe.dispute,
        "radar.early_fraud_warning": stripe.fraud_warning,
        "review": stripe.review,
        "invoice_payment": stripe.invoice_payment,
        "credit_note": stripe.credit_note,
    }
    return copy.deepcopy(builders[family](generation))


def read(kind: str, content: Any) -> Receipt:
    return translate(event(kind, content), live=False, at=NOW)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("checkout.session.completed", "id"),
        ("checkout.session.completed", "payment_status"),
        ("checkout.session.completed", "amount_total"),
        ("checkout.session.completed", "currency"),
        ("customer.subscription.updated", "id"),
        ("customer.subscription.updated", "status"),
        ("customer.subscription.updated", "items"),
        ("invoice.paid", "id"),
        ("invoice.paid", "billing_reason"),
        ("invoice.paid", "amount_paid"),
        ("invoice.paid", "currency"),
        ("invoice.payment_failed", "attempt_count"),
        ("charge.refunded", "payment_intent"),
        ("charge.refunded", "amount_refunded"),
        ("charge.refunded", "refunded"),
        ("refund.failed", "id"),
        ("refund.failed", "payment_intent"),
        ("refund.failed", "amount"),
        ("refund.failed", "currency"),
        ("charge.refund.updated", "status"),
        ("charge.dispute.created", "payment_intent"),
        ("charge.dispute.closed", "status"),
        ("charge.dispute.updated", "id"),
        ("radar.early_fraud_warning.created", "id"),
        ("radar.early_fraud_warning.created", "actionable"),
        ("review.opened", "id"),
        ("review.closed", "open"),
        ("invoice_payment.paid", "invoice"),
        ("invoice_payment.paid", "payment"),
        ("invoice.voided", "currency"),
        ("credit_note.created", "id"),
        ("credit_note.created", "invoice"),
        ("credit_note.voided", "status"),
    ],
)
def test_a_missing_field_that_matters_parks_the_event_under_its_name(kind: str, field: str) -> None:
    content = content_of(kind)
    del content[field]
    receipt = read(kind, content)
    assert receipt.disposition is Disposition.PARKED
    assert field in (receipt.reason or "")


def test_a_subscription_without_items_is_parked() -> None:
    receipt = read("customer.subscription.updated", stripe.subscription(ENDIVE, items={"data": []}))
    assert receipt.disposition is Disposition.PARKED
    assert "items" in (receipt.reason or "")


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("customer.subscription.updated", "status"),
        ("checkout.session.completed", "payment_status"),
        ("charge.dispute.created", "status"),
    ],
)
def test_a_word_of_stripes_that_we_do_not_know_parks_the_event(kind: str, field: str) -> None:
    receipt = read(kind, {**content_of(kind), field: "ada.private@example.com"})
    assert receipt.disposition is Disposition.PARKED
    assert field in (receipt.reason or "")
    assert "ada" not in (receipt.reason or "")


@pytest.mark.parametrize("kind", ["radar.early_fraud_warning.created", "review.opened", "review.closed"])
def test_a_doubt_about_a_charge_without_a_payment_intent_is_another_products(kind: str) -> None:
    content = content_of(kind)
    del content["payment_intent"]
    receipt = read(kind, content)
    assert (receipt.disposition, receipt.reason) == (
        Disposition.IGNORED,
        "no payment intent is behind it",
    )


def test_a_refund_whose_status_is_null_counts_from_its_creation() -> None:
    receipt = read("refund.created", {**content_of("refund.created"), "status": None})
    assert isinstance(receipt.event, RefundReported)
    assert receipt.event.status is RefundStatus.PENDING


def test_words_that_do_not_matter_may_be_new() -> None:
    content = stripe.session(ENDIVE, mode="barter", status="pondering", new_field={"deep": [1, 2]})
    assert read("checkout.session.completed", content).disposition is Disposition.ACCEPTED


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.just({}),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "data"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@st.composite
def spoiled(draw: st.DrawFn) -> tuple[str, Any]:
    """One of our own bodies in which something, anywhere, is of another kind."""
    kind = draw(st.sampled_from(sorted(TRANSLATIONS.keys() - RECORDED)))
    content = content_of(kind, draw(st.sampled_from(list(Generation))))
    spot: Any = content
    while True:
        keys = list(spot) if isinstance(spot, dict) else list(range(len(spot)))
        key = draw(st.sampled_from(keys))
        if isinstance(spot[key], dict | list) and spot[key] and draw(st.booleans()):
            spot = spot[key]
        else:
            spot[key] = draw(ANYTHING)
            return kind, content


@settings(max_examples=400, deadline=None)
@given(spoiled())
def test_a_wrong_type_anywhere_parks_or_ignores_or_does_not_matter(case: tuple[str, Any]) -> None:
    receipt = read(*case)
    if receipt.disposition is Disposition.ACCEPTED:
        assert receipt.event is not None
        assert wire.read_event(wire.event_message(receipt.event).payload) == receipt.event
    else:
        assert receipt.event is None
        assert receipt.reason


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(TRANSLATIONS)), ANYTHING)
def test_an_object_of_any_shape_at_all_is_no_error(kind: str, content: Any) -> None:
    assert read(kind, content).disposition is not Disposition.ACCEPTED


@settings(max_examples=200, deadline=None)
@given(spoiled())
def test_no_reason_and_no_message_carries_what_a_person_typed(case: tuple[str, Any]) -> None:
    receipt = read(*case)
    said = (receipt.reason or "") + (
        wire.event_message(receipt.event).payload.decode() if receipt.event else ""
    )
    assert not [word for word in PRIVATE if word in said]


def test_an_object_nested_deeper_than_anything_of_stripes_is_a_bad_body() -> None:
    deep = b"[" * 50_000 + b"]" * 50_000
    body = event("invoice.paid", {"id": "in_one", "lines": "DEEP"}).replace(b'"DEEP"', deep)
    with pytest.raises(BadBody):
        translate(body, live=False, at=NOW)


def test_a_character_that_no_column_takes_parks_what_is_ours_alone() -> None:
    ours, foreign = (
        stripe.session(ENDIVE, sale_id=sale_id, currency="eu\0") for sale_id in (stripe.SALE, None)
    )
    assert read("checkout.session.completed", ours).disposition is Disposition.PARKED
    assert read("checkout.session.completed", foreign).disposition is Disposition.IGNORED


def test_the_parked_body_is_the_body() -> None:
    body = event("customer.subscription.updated", {"id": "sub_one"})
    receipt = translate(body, live=False, at=NOW)
    assert json.loads(receipt.body)["id"] == receipt.event_id == "evt_one"

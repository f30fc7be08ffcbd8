"""What Stripe says of a subscription, its end, its customer's end and its unpaid renewals, in our words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from egpay.adapters.stripe.inbound.translation import translate
from egpay.domain.events import CustomerDeleted, InvoiceClosed, InvoicePaymentFailed, SubscriptionChanged
from egpay.domain.subscription_item import SubscribedItem
from egpay.domain.values import ProductId
from egpay.ports.inbox import Disposition, Receipt
from egpay.testing import stripe_objects as stripe
from egpay.testing.stripe_events import CREATED, event
from egpay.testing.stripe_objects import Generation

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ENDIVE = Generation.ENDIVE
NO_ITEMS = {"object": "list", "data": [], "has_more": False}


def told(kind: str, content: dict[str, Any], *, at: datetime = NOW, created: int = CREATED) -> Receipt:
    return translate(event(f"customer.subscription.{kind}", content, created=created), live=False, at=at)


def changed(receipt: Receipt) -> SubscriptionChanged:
    assert isinstance(receipt.event, SubscriptionChanged), receipt.reason
    return receipt.event


def test_every_item_is_reported_with_its_price_and_our_mark() -> None:
    content = stripe.subscription(ENDIVE)
    [item] = content["items"]["data"]
    mark = {"egpay_product": "yearly", "egpay_installation": "inst_1"}
    item["price"] = {"id": "price_y", "product": "prod_y", "metadata": mark}
    add_on = {"id": "si_2", "quantity": None, "price": {"id": "price_x", "product": {"id": "prod_x"}}}
    content["items"]["data"] = [add_on, item]
    assert changed(told("updated", content)).items == (
        SubscribedItem(quantity=1, price_id="price_x", product_id="prod_x"),
        SubscribedItem(
            quantity=3,
            price_id="price_y",
            product_id="prod_y",
            marked_product=ProductId("yearly"),
            installation="inst_1",
        ),
    )


def test_a_pause_of_collection_is_reported() -> None:
    paused = stripe.subscription(ENDIVE, pause_collection={"behavior": "void", "resumes_at": None})
    assert changed(told("updated", paused)).report.collection_paused
    assert not changed(told("updated", stripe.subscription(ENDIVE))).report.collection_paused


@pytest.mark.parametrize(
    "odd",
    [{"items": NO_ITEMS}, {"items": None}, {"items": "gone"}, {"customer": None}, {"customer": {"no": "id"}}],
)
@pytest.mark.parametrize("generation", [Generation.LEGACY, ENDIVE])
def test_an_end_needs_nothing_but_its_id_and_time(generation: Generation, odd: dict[str, Any]) -> None:
    receipt = told("deleted", {**stripe.subscription(generation, status="canceled"), **odd})
    assert receipt.disposition is Disposition.ACCEPTED
    ended = changed(receipt)
    assert (ended.subscription_id, ended.report.status) == ("sub_one", "canceled")


def test_an_end_that_comes_as_an_update_needs_no_items_either_and_nothing_else_may_lack_them() -> None:
    expired = stripe.subscription(ENDIVE, status="incomplete_expired") | {"items": NO_ITEMS}
    assert changed(told("updated", expired)).items == ()
    active = stripe.subscription(ENDIVE) | {"items": NO_ITEMS}
    assert told("updated", active).disposition is Disposition.PARKED


def test_what_is_dated_in_our_future_is_dated_by_our_clock_and_says_so() -> None:
    at = NOW + timedelta(milliseconds=300)
    ahead = changed(
        told("updated", stripe.subscription(ENDIVE), at=at, created=int(NOW.timestamp()) + 90 * 86_400)
    )
    assert (ahead.ahead, ahead.occurred_at) == (True, NOW)
    close = changed(told("updated", stripe.subscription(ENDIVE), at=at, created=int(NOW.timestamp()) + 5))
    assert (close.ahead, close.occurred_at) == (False, NOW + timedelta(seconds=5))


def failed(**fields: Any) -> InvoicePaymentFailed:
    content = stripe.invoice(ENDIVE, billing_reason="subscription_cycle", **fields)
    translated = translate(event("invoice.payment_failed", content), live=False, at=NOW).event
    assert isinstance(translated, InvoicePaymentFailed)
    return translated


def test_a_renewal_is_owed_since_its_due_date_else_since_it_was_finalised() -> None:
    finalised = {"status_transitions": {"finalized_at": 1_790_000_000}, "created": 1_700_000_000}
    assert failed(**finalised).owed_since == datetime.fromtimestamp(1_790_000_000, UTC)
    assert failed(**finalised, due_date=1_795_000_000).owed_since == datetime.fromtimestamp(
        1_795_000_000, UTC
    )
    assert failed(created=1_700_000_000).owed_since == datetime.fromtimestamp(1_700_000_000, UTC)
    assert failed().owed_since is None


@pytest.mark.parametrize(("kind", "voided"), [("voided", True), ("marked_uncollectible", False)])
def test_an_invoice_that_will_not_be_paid_is_reported(kind: str, voided: bool) -> None:
    content = stripe.invoice(ENDIVE, billing_reason="subscription_cycle")
    closed = translate(event(f"invoice.{kind}", content), live=False, at=NOW).event
    assert isinstance(closed, InvoiceClosed)
    assert (closed.invoice_id, closed.subscription_id, closed.voided) == ("in_one", "sub_one", voided)


def test_a_deleted_customer_is_reported_by_its_id_alone() -> None:
    body = event("customer.deleted", {"id": "cus_one", "email": "ada@example.com"})
    gone = translate(body, live=False, at=NOW).event
    assert isinstance(gone, CustomerDeleted)
    assert b"ada" not in msgspec.json.encode(gone)

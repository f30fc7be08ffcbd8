"""Which of Stripe's events reach us, in which words, and what becomes of the rest."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from egpay.adapters.stripe.inbound.translation import TRANSLATIONS, translate
from egpay.adapters.stripe.inbound.webhooks import StripeWebhooks, is_live
from egpay.domain.events import PaymentActionRequired, Source
from egpay.ports.inbox import Disposition, Receipt
from egpay.ports.webhooks import BadBody, BadSignature
from egpay.testing import stripe_objects as stripe
from egpay.testing.stripe_events import CREATED, SECRET, event, signature
from egpay.testing.stripe_objects import Generation

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ENDIVE = Generation.ENDIVE


YET_TO_FOLLOW = {
    "customer.subscription.trial_will_end",
}


def read(body: bytes, *, live: bool = False) -> Receipt:
    return translate(body, live=live, at=NOW)


def test_a_receipt_keeps_what_the_envelope_says() -> None:
    body = event("checkout.session.completed", stripe.session(ENDIVE))
    receipt = read(body)
    assert receipt.disposition is Disposition.ACCEPTED
    assert (receipt.source, receipt.event_id) == (Source.STRIPE, "evt_one")
    assert receipt.type == "checkout.session.completed"
    assert receipt.body == body
    assert receipt.occurred_at == datetime.fromtimestamp(CREATED, UTC)
    assert receipt.api_version == "2026-10-28.endive"
    assert receipt.sale_id == stripe.SALE
    assert receipt.reason is None


def test_the_event_inside_carries_the_id_and_time_of_the_webhook() -> None:
    receipt = read(event("invoice.paid", stripe.invoice(ENDIVE)))
    assert receipt.event is not None
    assert receipt.event.id == "evt_one"
    assert receipt.event.occurred_at == receipt.occurred_at
    assert receipt.event.source is Source.STRIPE


def test_types_that_nothing_follows_from_are_ignored_with_a_reason() -> None:
    receipt = read(event("customer.created", {"id": "cus_one"}))
    assert receipt.disposition is Disposition.IGNORED
    assert receipt.reason
    assert receipt.event is None


@pytest.mark.parametrize(("key", "live"), [("sk_live_1", True), ("rk_live_1", True), ("sk_test_1", False)])
@pytest.mark.parametrize("livemode", [True, False])
def test_events_of_the_other_mode_than_our_key_are_ignored(key: str, live: bool, livemode: bool) -> None:
    assert is_live(key) is live
    receipt = read(event("invoice.paid", stripe.invoice(ENDIVE), livemode=livemode), live=is_live(key))
    assert (receipt.disposition is Disposition.ACCEPTED) is (live is livemode)
    assert receipt.livemode is livemode


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"12",
        b"{",
        b"{}",
        b'{"id": 7}',
        b'{"id": ""}',
        b'{"id": "a\\u0000b"}',
        b'{"id": "' + b"x" * 300 + b'"}',
        b"\xff\xfe",
        b'{"id": "evt_one", "type": "invoice.paid"} tail',
        b"[" * 100_000,
        b'{"id":"evt_one","data":' + b"[" * 100_000,
        b'{"id": "\xff"}',
    ],
)
def test_what_is_no_event_at_all_is_a_bad_body(body: bytes) -> None:
    with pytest.raises(BadBody):
        read(body)


def test_a_thin_event_is_ignored() -> None:
    thin = {
        "id": "evt_thin",
        "object": "v2.core.event",
        "type": "v1.customer.subscription.updated",
        "created": "2026-11-23T12:00:00.000Z",
        "livemode": False,
        "related_object": {"id": "sub_one", "type": "subscription", "url": "/v1/subscriptions/sub_one"},
    }
    receipt = read(json.dumps(thin).encode())
    assert receipt.disposition is Disposition.IGNORED
    assert receipt.occurred_at == NOW


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("created", "soon"),
        ("created", -1),
        ("created", 10**30),
        ("livemode", None),
        ("livemode", "no"),
        ("data", []),
    ],
)
def test_an_envelope_of_an_unknown_shape_is_parked_when_its_type_matters(field: str, value: Any) -> None:
    envelope = json.loads(event("invoice.paid", stripe.invoice(ENDIVE)))
    receipt = read(json.dumps({**envelope, field: value}).encode())
    assert receipt.disposition is Disposition.PARKED
    assert receipt.reason
    assert field in receipt.reason
    assert receipt.occurred_at == NOW


@pytest.mark.parametrize("kind", [7, None, [], "", "a\u0000b"])
def test_an_event_of_an_unreadable_type_is_parked(kind: Any) -> None:
    envelope = json.loads(event("invoice.paid", stripe.invoice(ENDIVE)))
    receipt = read(json.dumps({**envelope, "type": kind}).encode())
    assert receipt.disposition is Disposition.PARKED
    assert receipt.type == "unreadable"


def test_a_body_that_hides_a_broken_object_is_parked() -> None:
    body = event("invoice.paid", stripe.invoice(ENDIVE)).replace(b'"in_one"', b'"\xff\xfe"')
    receipt = read(body)
    assert receipt.disposition is Disposition.PARKED


@pytest.mark.parametrize(
    ("reason", "initial"), [("subscription_cycle", False), ("subscription_create", True)]
)
def test_a_payment_that_must_be_confirmed_names_its_invoice(reason: str, initial: bool) -> None:
    invoice = {**stripe.invoice(ENDIVE), "billing_reason": reason}
    receipt = read(event("invoice.payment_action_required", invoice))
    assert isinstance(receipt.event, PaymentActionRequired)
    assert (receipt.event.invoice_id, receipt.event.initial) == (invoice["id"], initial)
    assert receipt.event.subscription_id is not None


@pytest.mark.parametrize(
    "kind", ["invoice.paid", "invoice.payment_succeeded", "invoice.voided", "invoice.marked_uncollectible"]
)
def test_an_invoice_of_which_a_proration_gives_back_more_than_it_asks_is_read(kind: str) -> None:
    downgraded = {
        "billing_reason": "subscription_update",
        "subtotal": -1900,
        "total": -1900,
        "amount_paid": 0,
    }
    receipt = read(event(kind, {**stripe.invoice(ENDIVE), **downgraded}))
    assert (receipt.disposition, receipt.reason) == (Disposition.ACCEPTED, None)


def test_the_door_verifies_before_it_reads() -> None:
    door = StripeWebhooks(secrets=(SECRET,), live=False)
    body = event("invoice.paid", stripe.invoice(ENDIVE))
    receipt = door.read(body, {"stripe-signature": signature(body, at=NOW)}, at=NOW)
    assert receipt.disposition is Disposition.ACCEPTED
    with pytest.raises(BadSignature):
        door.read(body, {}, at=NOW)
    with pytest.raises(BadSignature):
        door.read(b"{", {"stripe-signature": signature(body, at=NOW)}, at=NOW)
    with pytest.raises(BadBody):
        door.read(b"{", {"stripe-signature": signature(b"{", at=NOW)}, at=NOW)


def test_no_secret_is_shown_by_the_door() -> None:
    assert SECRET not in repr(StripeWebhooks(secrets=(SECRET,), live=False))


@pytest.mark.parametrize("kind", sorted(YET_TO_FOLLOW))
@pytest.mark.parametrize("content", [{"id": "re_one"}, {}, {"id": ["odd"]}])
def test_a_type_from_which_nothing_follows_yet_is_recorded_whatever_its_object_is(
    kind: str, content: dict[str, Any]
) -> None:
    receipt = read(event(kind, content))
    assert (receipt.disposition, receipt.event, receipt.type) == (Disposition.IGNORED, None, kind)
    assert receipt.reason == "recorded: nothing follows from events of this type yet"
    odd = {**json.loads(event(kind, content)), "created": "soon"}
    assert read(json.dumps(odd).encode()).disposition is Disposition.IGNORED


def test_the_table_names_every_type_of_the_rules_and_never_the_one_that_holds_up_invoices() -> None:
    assert "invoice.created" not in TRANSLATIONS
    assert set(TRANSLATIONS) - YET_TO_FOLLOW == {
        "checkout.session.completed",
        "checkout.session.expired",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
        "customer.updated",
        "customer.deleted",
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "customer.subscription.paused",
        "customer.subscription.resumed",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice.payment_failed",
        "invoice.voided",
        "invoice.marked_uncollectible",
        "invoice.payment_action_required",
        "charge.refunded",
        "refund.failed",
        "charge.refund.updated",
        "credit_note.created",
        "credit_note.updated",
        "credit_note.voided",
        "invoice_payment.paid",
        "refund.created",
        "refund.updated",
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "radar.early_fraud_warning.created",
        "radar.early_fraud_warning.updated",
        "review.opened",
        "review.closed",
    }


def test_who_only_receives_webhooks_never_loads_stripes_sdk() -> None:
    program = (
        "import sys, egpay.adapters.stripe.inbound.webhooks; "
        "sys.exit('stripe' in sys.modules or 'httpx' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

"""The fast way of reading a webhook says what the slow way says, or nothing."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from egpay.adapters.stripe.inbound.envelope import Envelope, parse_envelope
from egpay.adapters.stripe.inbound.fast_decode import fast_decode
from egpay.adapters.stripe.inbound.translation import translate
from egpay.ports.inbox import Disposition
from egpay.testing import stripe_objects as stripe
from egpay.testing.stripe_events import event
from egpay.testing.stripe_objects import Generation

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
COMMON = [
    ("checkout.session.completed", stripe.session),
    ("customer.subscription.created", stripe.subscription),
    ("customer.subscription.updated", stripe.subscription),
    ("customer.subscription.deleted", stripe.subscription),
    ("invoice.paid", stripe.invoice),
    ("invoice.payment_succeeded", stripe.invoice),
    ("invoice.payment_failed", stripe.invoice),
]


def type_first(body: bytes) -> bytes:
    """The same event, its type before its object: the fast way does not find it there."""
    told = json.loads(body)
    return json.dumps({"type": told.pop("type"), **told, "data": told["data"]}).encode()


@pytest.mark.parametrize("generation", list(Generation))
@pytest.mark.parametrize(("kind", "render"), COMMON)
def test_both_ways_tell_the_same(kind: str, render: Any, generation: Generation) -> None:
    body = event(kind, render(generation), generation=generation)
    fast, slow = fast_decode(body), parse_envelope(body)
    assert fast is not None
    assert isinstance(slow, Envelope)
    assert (fast.id, fast.type, fast.created, fast.livemode) == (
        slow.id,
        slow.type,
        slow.created,
        slow.livemode,
    )
    whole = type(fast.data.object)
    assert fast.data.object == msgspec.json.decode(slow.data.object, type=whole)


@pytest.mark.parametrize(("kind", "render"), COMMON)
def test_the_order_of_fields_does_not_matter(kind: str, render: Any) -> None:
    body = event(kind, render(Generation.ENDIVE))
    other = type_first(body)
    expected = translate(body, live=False, at=NOW)
    assert translate(other, live=False, at=NOW) == msgspec.structs.replace(expected, body=other)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'"type"',
        b'{"type": "invoice.paid"',
        b'{"type": "invoice.paid"}',
        b'{"id": 5, "type": "invoice.paid"}',
        b'"type": "checkout.session.completed"',
        b"[" * 50_000 + b'"type":"invoice.paid"',
        event("invoice.paid", {"id": 7}),
        event("invoice.paid", stripe.invoice(Generation.ENDIVE), event_id="evt\n1"),
        event("charge.refunded", stripe.charge(Generation.ENDIVE)),
    ],
)
def test_what_is_odd_or_uncommon_is_left_to_the_slow_way(body: bytes) -> None:
    assert fast_decode(body) is None


def test_a_type_inside_the_object_misleads_nobody() -> None:
    body = event("invoice.paid", stripe.invoice(Generation.ENDIVE))
    told = json.loads(body)
    kind = told.pop("type")
    told = {"type": kind, **told, "request": {"type": "customer.subscription.updated"}}
    receipt = translate(json.dumps(told).encode(), live=False, at=NOW)
    assert (receipt.type, receipt.disposition) == ("invoice.paid", Disposition.ACCEPTED)

"""Real bodies, recorded by others over the years: each is understood, ignored or set aside, and none breaks the door.

They lie beside the checkout, in `shared/stripe-payloads`; where they are not, there is nothing to collect.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from egpay.adapters.stripe.inbound.translation import TRANSLATIONS, translate
from egpay.domain.events import BillingEvent
from egpay.ports.inbox import Disposition, Receipt
from egpay.testing.stripe_events import event
from egpay.testing.stripe_objects import SALE

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TYPES = {
    "checkout.session": "checkout.session.completed",
    "subscription": "customer.subscription.updated",
    "invoice": "invoice.paid",
    "charge": "charge.refunded",
    "refund": "charge.refund.updated",
    "dispute": "charge.dispute.closed",
}


PAYLOADS = Path(__file__).parents[6] / "shared" / "stripe-payloads"


def bodies() -> Iterator[tuple[str, Any]]:
    """Every body of the folder, with its path within it."""
    for path in sorted(PAYLOADS.rglob("*.json")):
        yield str(path.relative_to(PAYLOADS)), json.loads(path.read_bytes())


def is_event(body: Any) -> bool:
    return isinstance(body, dict) and "type" in body and isinstance(body.get("data"), dict)


EVENTS = [(name, body) for name, body in bodies() if is_event(body)]
OBJECTS = [(name, body) for name, body in bodies() if isinstance(body, dict) and body.get("object") in TYPES]


def read(body: dict[str, Any]) -> Receipt:
    return translate(json.dumps(body).encode(), live=bool(body.get("livemode")), at=NOW)


def with_our_mark(content: dict[str, Any]) -> dict[str, Any]:
    """The same object, as if we had sold it."""
    return {**content, "metadata": {**(content.get("metadata") or {}), "sale_id": SALE}}


def as_if_ours(content: dict[str, Any]) -> dict[str, Any]:
    """And a refund as if it had failed: those that have not lead to nothing."""
    return with_our_mark(content) | ({"status": "failed"} if content["object"] == "refund" else {})


def test_every_recorded_event_gets_an_answer() -> None:
    for name, body in EVENTS:
        receipt = read(body)
        translated = body["type"] in TRANSLATIONS
        assert (receipt.disposition is Disposition.IGNORED) or translated, name
        assert (receipt.event is None) or receipt.disposition is Disposition.ACCEPTED, name


def test_recorded_sessions_and_invoices_of_other_products_are_ignored() -> None:
    for name, body in EVENTS:
        if body["type"].startswith(("checkout.", "invoice.")) and not _subscription_of(body):
            assert read(body).disposition is Disposition.IGNORED, name


def test_every_recorded_object_is_understood_once_it_is_ours() -> None:
    """Each recorded object of a kind that we translate becomes an event, unless it has not come that far yet."""
    for name, content in OBJECTS:
        receipt = translate(event(TYPES[content["object"]], as_if_ours(content)), live=False, at=NOW)
        if receipt.disposition is Disposition.PARKED:
            assert _lacks_what_matters(content), (name, receipt.reason)
        elif receipt.disposition is Disposition.IGNORED:
            assert content["payment_intent"] is None, (name, receipt.reason)
        else:
            assert isinstance(receipt.event, BillingEvent), (name, receipt.reason)


def _subscription_of(body: dict[str, Any]) -> Any:
    content = body["data"]["object"]
    return content.get("subscription") or content.get("parent")


def _lacks_what_matters(content: dict[str, Any]) -> bool:
    needed = {
        "checkout.session": ("amount_total",),
        "charge": ("payment_intent",),
        "refund": ("currency",),
        "dispute": ("payment_intent",),
        "invoice": ("id", "billing_reason"),
        "subscription": ("items",),
    }
    return any(content.get(field) is None for field in needed[content["object"]])

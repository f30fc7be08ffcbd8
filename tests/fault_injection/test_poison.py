"""Scenario 12 on real servers: what no rule understands is dead-lettered with its reason, and all around it flows."""

import json
import time
from typing import Any

import msgspec
import pytest
from egpay_system import EgpaySystem, until
from operator_system import until as eventually
from webhook_sender import StripeBuyer, name, post_webhook

from egpay.testing import stripe_objects
from egpay.testing.stripe_events import event
from egpay.testing.stripe_objects import Generation

POISON: dict[str, tuple[dict[str, Any], str]] = {
    "without items": ({"items": None}, "items"),
    "with no item in them": ({"items": {"object": "list", "data": []}}, "items"),
    "of an unknown status": ({"status": "hibernating"}, "status"),
    "without a status": ({"status": None}, "status"),
    "with an absurd quantity": (
        {"items": {"object": "list", "data": [{"id": "si_1", "quantity": 10**30}]}},
        "quantity",
    ),
}


async def letters(egpay: EgpaySystem, event_id: str) -> list[dict[str, Any]]:
    rows = await egpay.ask("SELECT * FROM dead_letters WHERE message_id = $1", event_id)
    return [dict(row) for row in rows]


def poison(buyer: StripeBuyer, event_id: str, **fields: Any) -> bytes:
    rendered = stripe_objects.subscription(Generation.ENDIVE, sale_id=buyer.sale_id, id=buyer.subscription)
    return event(
        "customer.subscription.updated", {**rendered, **fields}, event_id=event_id, created=int(time.time())
    )


@pytest.mark.parametrize("kind", POISON)
async def test_a_poisoned_report_lies_aside_and_neither_others_nor_its_own_later_news_are_held_up(
    dirty_system: EgpaySystem, kind: str
) -> None:
    fields, named = POISON[kind]
    before, poisoned, after = (StripeBuyer.of(dirty_system) for _ in range(3))
    event_id, now = name("evt"), int(time.time())
    for body in (
        before.completed(),
        before.subscribed(),
        poisoned.completed(),
        poisoned.subscribed(created=now - 60),
        poison(poisoned, event_id, **fields),
        after.completed(),
        after.subscribed(),
        poisoned.subscribed(created=now + 1, status="past_due"),
    ):
        assert post_webhook(dirty_system, body).status_code == 200
    for buyer, status in ((before, "active"), (after, "active"), (poisoned, "past_due")):
        buyer.is_told(dirty_system, status)
    [letter] = await letters(dirty_system, event_id)
    assert named in letter["reason"]
    assert letter["attempts"] == 1
    assert json.loads(letter["payload"])["id"] == event_id
    [row] = await dirty_system.ask("SELECT disposition FROM webhook_events WHERE event_id = $1", event_id)
    assert row["disposition"] == "parked"


async def test_a_poisoned_report_that_comes_again_lies_aside_once(dirty_system: EgpaySystem) -> None:
    buyer, event_id = StripeBuyer.of(dirty_system), name("evt")
    body = poison(buyer, event_id, status="hibernating")
    assert [post_webhook(dirty_system, body).status_code for _ in range(3)] == [200] * 3
    assert len(await letters(dirty_system, event_id)) == 1


@pytest.mark.parametrize("subject", ["billing.events.subscription_changed", "billing.commands.ship_devices"])
async def test_a_message_that_no_worker_can_read_lies_aside_amid_good_ones(
    dirty_system: EgpaySystem, subject: str
) -> None:
    buyer, ids = StripeBuyer.of(dirty_system), [name("msg") for _ in range(3)]
    payloads = [b'{"type": "subscription_changed"', b"\xff\xfe", msgspec.json.encode({"type": 7})]
    await dirty_system.ask(
        "INSERT INTO outbox (message_id, subject, payload) SELECT id, $2, payload"
        " FROM unnest($1::text[], $3::bytea[]) AS given (id, payload)",
        ids,
        subject,
        payloads,
    )
    for body in (buyer.completed(), buyer.subscribed()):
        assert post_webhook(dirty_system, body).status_code == 200
    buyer.is_told(dirty_system, "active")
    until(
        lambda: (dirty_system.sale(buyer.sale_id)["shipment"] or {}).get("status"), what="nothing is shipped"
    )
    for message_id in ids:

        async def set_aside(message_id: str = message_id) -> list[dict[str, Any]]:
            return await letters(dirty_system, message_id)

        [letter] = await eventually(set_aside, what="it was not dead-lettered")
        assert letter["reason"].startswith("Defect: not a ")
        assert letter["failed_in"] == "delivery"

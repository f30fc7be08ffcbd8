"""Forged messages at a running system, by an attacker who holds the worker's own login."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from egpay_system import EgpaySystem, until
from nats.aio.client import Client
from nats.js import JetStreamContext
from operator_system import until as eventually
from webhook_sender import StripeBuyer, post_webhook

from egpay.adapters import wire
from egpay.adapters.nats.permissions import BILLING_WORKER_LOGIN
from egpay.adapters.nats.tls import tls_context
from egpay.adapters.system.clock import utc_now
from egpay.domain.commands import ShipDevices
from egpay.domain.events import Source
from egpay.domain.values import MessageId, SaleId
from egpay.ports.outbox import OutboxMessage
from egpay.testing.builders import checkout_completed
from egpay_local.nats import login_url


@pytest.fixture
async def attacker(dirty_system: EgpaySystem) -> AsyncIterator[JetStreamContext]:
    client = Client()
    await client.connect(
        login_url(dirty_system.nats_url, BILLING_WORKER_LOGIN.user),
        inbox_prefix=BILLING_WORKER_LOGIN.inbox_prefix,
        tls=tls_context(dirty_system.env["NATS_CA_FILE"]),
    )
    yield client.jetstream()
    await client.close()


async def forge(attacker: JetStreamContext, message: OutboxMessage, *, message_id: str | None = None) -> None:
    headers = {wire.MESSAGE_ID: message_id or message.id}
    await attacker.publish(message.subject, message.payload, headers=headers)


async def forged_letters(system: EgpaySystem) -> list[dict[str, Any]]:
    rows = await system.ask("SELECT * FROM dead_letters WHERE failed_in = 'forged' ORDER BY id")
    return [dict(row) for row in rows]


async def test_two_forged_messages_pay_no_sale_ship_nothing_and_open_no_account(
    dirty_system: EgpaySystem, attacker: JetStreamContext
) -> None:
    before = len(await forged_letters(dirty_system))
    buyer = StripeBuyer.of(dirty_system)
    sale_id = SaleId(buyer.sale_id)
    paid = msgspec.structs.replace(checkout_completed(sale_id), id=MessageId(f"evt_forged_{time.time_ns()}"))
    await forge(attacker, wire.event_message(paid))
    ship = ShipDevices(
        id=MessageId(f"ship:{sale_id}"),
        sale_id=sale_id,
        occurred_at=utc_now(),
        source=Source.STRIPE,
        revision=1,
    )
    await forge(attacker, wire.command_message(ship))
    await eventually(
        lambda: _at_least(dirty_system, before + 2), what="the forged messages were not dead-lettered"
    )
    sale = dirty_system.sale(buyer.sale_id)
    assert (sale["status"], sale["shipment"], sale["subscription"]) == ("in_progress", None, None)
    assert await dirty_system.ask("SELECT 1 FROM processed_messages WHERE message_id = $1", paid.id) == []
    assert await dirty_system.ask("SELECT 1 FROM processed_messages WHERE message_id = $1", ship.id) == []


async def _at_least(system: EgpaySystem, count: int) -> bool:
    return len(await forged_letters(system)) >= count


async def test_a_true_id_with_a_wrong_payload_before_and_after_its_row_swallows_nothing(
    dirty_system: EgpaySystem, attacker: JetStreamContext
) -> None:
    before = len(await forged_letters(dirty_system))
    buyer = StripeBuyer.of(dirty_system)
    body = buyer.completed()
    event_id = MessageId(json.loads(body)["id"])
    false = msgspec.structs.replace(checkout_completed(SaleId("sale_of_another")), id=event_id)
    await forge(attacker, wire.event_message(false))
    await eventually(lambda: _at_least(dirty_system, before + 1), what="the forged message was taken")
    assert post_webhook(dirty_system, body).status_code == 200
    until(lambda: dirty_system.sale(buyer.sale_id)["status"] == "paid", what="the true event was swallowed")
    await forge(attacker, wire.event_message(false))
    await eventually(lambda: _at_least(dirty_system, before + 2), what="the forged message was taken")
    assert await dirty_system.ask("SELECT 1 FROM dead_letters WHERE message_id = $1", event_id) == []


async def test_garbage_under_a_true_id_hides_no_message_and_is_never_replayed(
    dirty_system: EgpaySystem, attacker: JetStreamContext
) -> None:
    buyer = StripeBuyer.of(dirty_system)
    body = buyer.completed()
    event_id = MessageId(json.loads(body)["id"])
    assert post_webhook(dirty_system, body).status_code == 200
    until(lambda: dirty_system.sale(buyer.sale_id)["status"] == "paid", what="it was not paid")
    [stored] = await dirty_system.ask("SELECT payload FROM outbox WHERE message_id = $1", event_id)
    before = len(await forged_letters(dirty_system))
    for subject in ("billing.events.checkout_completed", "billing.commands.ship_devices"):
        await forge(attacker, OutboxMessage(id=event_id, subject=subject, payload=b"garbage"))
    await eventually(lambda: _at_least(dirty_system, before + 2), what="garbage was not dead-lettered")
    assert all(letter["message_id"] != event_id for letter in await forged_letters(dirty_system))
    assert await dirty_system.ask("SELECT payload FROM outbox WHERE message_id = $1", event_id) == [stored]


async def test_a_true_command_is_not_carried_out_under_the_id_of_another(
    dirty_system: EgpaySystem, attacker: JetStreamContext
) -> None:
    before = len(await forged_letters(dirty_system))
    buyer = StripeBuyer.of(dirty_system)
    for body in (buyer.completed(), buyer.subscribed()):
        assert post_webhook(dirty_system, body).status_code == 200
    until(lambda: dirty_system.letters(buyer.email), what="no introduction")
    [sent] = await dirty_system.ask(
        "SELECT * FROM outbox WHERE subject = 'billing.commands.send_introduction' AND"
        " convert_from(payload, 'UTF8') LIKE '%' || $1 || '%'",
        buyer.subscription,
    ) or await dirty_system.ask(
        "SELECT * FROM outbox WHERE subject = 'billing.commands.send_introduction' ORDER BY id DESC LIMIT 1"
    )
    again = OutboxMessage(
        id=MessageId("introduction:org_other"), subject=sent["subject"], payload=sent["payload"]
    )
    await forge(attacker, again)
    await eventually(lambda: _at_least(dirty_system, before + 1), what="it was carried out")
    assert len(dirty_system.letters(buyer.email)) == 1

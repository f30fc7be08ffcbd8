from datetime import UTC, datetime

import msgspec
from operator_system import OperatorSystem, until

from egpay.adapters.stripe.inbound.translation import translate
from egpay.adapters.system.clock import utc_now
from egpay.adapters.warehouse.reader import WarehouseWebhooks
from egpay.adapters.warehouse.signing import Signing
from egpay.domain.sale import Sale
from egpay.ports.inbox import Receipt
from egpay.testing.builders import order, sale
from egpay.testing.stripe_events import event as stripe_event
from egpay.testing.stripe_objects import Generation, session, subscription

CREATED = 1_795_000_000
STATE = """
    SELECT (SELECT json_agg(s)::text FROM (SELECT id, status, paid_at FROM sales) AS s),
           (SELECT count(*) FROM users), (SELECT count(*) FROM shipments), (SELECT count(*) FROM payments)
"""
COMMANDS = "SELECT message_id FROM outbox WHERE subject LIKE 'billing.commands.%' ORDER BY message_id"


def told(kind: str, content: dict[str, object], event_id: str) -> Receipt:
    body = stripe_event(kind, content, event_id=event_id, created=CREATED)
    return translate(body, live=False, at=datetime.fromtimestamp(CREATED, UTC))


async def bought(system: OperatorSystem) -> Sale:
    """A sale whose Checkout and subscription were told and worked on."""
    placed = order()
    opened = sale(placed)
    async with system.storage.begin() as uow:
        await uow.sales.add(opened, placed)
    content = session(Generation.ENDIVE, sale_id=opened.id)
    running = subscription(Generation.ENDIVE, sale_id=opened.id)
    receipts = [
        told("checkout.session.completed", content, "evt_paid"),
        told("customer.subscription.created", running, "evt_runs"),
        told("product.created", {"id": "prod_x"}, "evt_product"),
    ]
    await system.storage.inbox.record_many(receipts)
    await until(lambda: system.ask("SELECT 1 FROM users"), what="nothing was worked on")
    return opened


async def test_webhooks_are_found_by_type_sale_disposition_and_age(system: OperatorSystem) -> None:
    async with system.working():
        opened = await bought(system)

    async def ids(*flags: str) -> list[str]:
        return sorted(row["event_id"] for row in (await system.egpay("events", "ls", "--json", *flags)).json)

    assert await ids() == ["evt_paid", "evt_product", "evt_runs"]
    assert await ids("--type", "customer.*") == ["evt_runs"]
    assert await ids("--sale", opened.id) == ["evt_paid", "evt_runs"]
    assert await ids("--disposition", "ignored") == ["evt_product"]
    assert await ids("--since", "1h") == ["evt_paid", "evt_product", "evt_runs"]
    assert await ids("--since", "2999-01-01") == []
    await system.egpay("events", "ls", "--since", "yesterday-ish", expect=2)


async def test_show_tells_what_became_of_a_webhook_and_keeps_its_body_unless_asked(
    system: OperatorSystem,
) -> None:
    async with system.working():
        await bought(system)
    shown = (await system.egpay("events", "show", "evt_paid", "--json")).json
    assert shown["disposition"] == "accepted"
    assert shown["published_at"]
    assert shown["processed_at"]
    assert shown["lines"]
    plain = await system.egpay("events", "show", "evt_paid")
    assert "ada.private@example.com" not in plain.out
    assert "ada.private@example.com" in (await system.egpay("events", "show", "evt_paid", "--body")).out
    await system.egpay("events", "show", "evt_none", expect=1)


async def test_a_replay_is_worked_on_again_and_changes_nothing_that_is_so_already(
    system: OperatorSystem,
) -> None:
    async with system.working():
        opened = await bought(system)
        [was] = await system.ask(STATE)
        wanted = await system.ask(COMMANDS)
        told_first = (
            await system.egpay("events", "replay", "evt_paid", "--reason", "to be sure", "--json")
        ).json
        told_second = (await system.egpay("events", "replay", "evt_paid", "--json")).json
        assert told_first["message_id"] == "evt_paid:replay:1"
        assert told_second["message_id"] == "evt_paid:replay:2"

        async def both() -> bool:
            query = "SELECT 1 FROM processed_messages WHERE message_id LIKE 'evt_paid:replay:%'"
            return len(await system.ask(query)) == 2

        await until(both, what="the replays are not worked on")
    assert await system.ask(STATE) == [was]
    assert await system.ask(COMMANDS) == wanted
    lines = await system.ask("SELECT * FROM timeline WHERE kind = 'event.replayed' ORDER BY id")
    assert [line["sale_id"] for line in lines] == [opened.id, opened.id]
    assert lines[0]["what"].endswith(": to be sure")


async def test_a_dry_run_shows_each_field_that_would_change_and_changes_none(system: OperatorSystem) -> None:
    placed = order()
    opened = sale(placed)
    async with system.storage.begin() as uow:
        await uow.sales.add(opened, placed)
    await system.storage.inbox.record_many(
        [told("checkout.session.completed", session(Generation.ENDIVE, sale_id=opened.id), "evt_paid")]
    )
    dry = (await system.egpay("events", "replay", "evt_paid", "--dry-run", "--json")).json
    changes = {(each["record"], each["field"]): (each["before"], each["after"]) for each in dry["changes"]}
    assert changes[f"sale {opened.id}", "status"] == ("in_progress", "paid")
    assert changes[f"sale {opened.id}", "billing_email"] == (None, "***")
    assert [command["type"] for command in dry["commands"]] == ["ship_devices", "send_letter"]
    plain = await system.egpay("events", "replay", "evt_paid", "--dry-run")
    assert f"sale {opened.id}  status: in_progress -> paid" in plain.out
    assert "example.com" not in plain.out
    [stands] = await system.ask("SELECT status FROM sales")
    assert stands["status"] == "in_progress"
    assert not await system.ask("SELECT 1 FROM processed_messages")
    assert not await system.ask("SELECT 1 FROM timeline")


async def test_what_is_not_ours_is_not_entered_again(system: OperatorSystem) -> None:
    await system.storage.inbox.record_many([told("product.created", {"id": "prod_x"}, "evt_product")])
    assert "ignored" in (await system.egpay("events", "replay", "evt_product")).out
    assert not await system.ask("SELECT 1 FROM outbox")
    await system.egpay("events", "replay", "evt_none", expect=1)


async def test_what_the_warehouse_told_can_be_entered_again_too(system: OperatorSystem) -> None:
    now = utc_now()
    body = msgspec.json.encode(
        {"type": "shipment.shipped", "timestamp": now, "data": {"sale_id": "sale_x", "carrier": "DHL"}}
    )
    signing = Signing("whsec_" + "c2VjcmV0" * 4)
    received = WarehouseWebhooks(signing).read(body, signing.headers("msg_1", body, at=now), at=now)
    await system.storage.inbox.record_many([received])
    replayed = (await system.egpay("events", "replay", "warehouse:msg_1", "--json")).json
    assert replayed["message_id"] == "warehouse:msg_1:replay:1"
    [waiting] = await system.ask("SELECT payload FROM outbox WHERE message_id LIKE '%:replay:1'")
    assert b'"carrier":"DHL"' in waiting["payload"]

from datetime import UTC, datetime

import msgspec
from operator_system import EgpayCommand, OperatorSystem, until

from egpay.adapters.stripe.inbound.translation import translate
from egpay.domain.commands import ShipDevices
from egpay.domain.events import BillingEvent, Source
from egpay.domain.sale import Sale
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import MessageId, SaleId
from egpay.ports.dead_letters import DeadLetter
from egpay.ports.inbox import Disposition, Receipt
from egpay.testing.builders import (
    NOON,
    checkout_completed,
    invoice_paid,
    order,
    receipt,
    sale,
    subscription_changed,
)
from egpay.testing.stripe_events import event as stripe_event
from egpay.testing.stripe_objects import Generation, subscription


async def sold(system: OperatorSystem) -> Sale:
    placed = order()
    opened = sale(placed)
    async with system.storage.begin() as uow:
        await uow.sales.add(opened, placed)
    return opened


def webhook(status: str, sale_id: str, *, event_id: str, created: int = 1_795_000_000) -> Receipt:
    body = stripe_event(
        "customer.subscription.updated",
        subscription(Generation.ENDIVE, sale_id=sale_id, status=status),
        event_id=event_id,
        created=created,
    )
    return translate(body, live=False, at=datetime.fromtimestamp(created, UTC))


def misunderstood(understood: Receipt) -> Receipt:
    """The same webhook, as a translator with a bug left it."""
    return msgspec.structs.replace(
        understood, disposition=Disposition.PARKED, event=None, sale_id=None, reason="status: a bug"
    )


async def subscription_status(system: OperatorSystem) -> str | None:
    rows = await system.ask("SELECT status FROM subscriptions")
    return rows[0]["status"] if rows else None


async def test_what_was_not_understood_is_translated_again_and_reaches_the_right_state(
    system: OperatorSystem,
) -> None:
    bought = await sold(system)
    poison = misunderstood(webhook("past_due", bought.id, event_id="evt_poison", created=1_795_000_100))
    earlier = webhook("active", bought.id, event_id="evt_earlier")
    async with system.working():
        await system.storage.inbox.record_many([poison, earlier])
        await until(lambda: subscription_status(system), what="later events do not flow")
        [lying] = (await system.egpay("dead-letters", "ls", "--json")).json
        assert (lying["message_id"], lying["failed_in"]) == ("evt_poison", "inbox")
        assert await subscription_status(system) == "active"

        result = await system.egpay("dead-letters", "replay", str(lying["id"]), "--reason", "fixed", "--json")
        assert result.json == [{"id": lying["id"], "message_id": "evt_poison", "outcome": "sent"}]

        async def overdue() -> bool:
            return await subscription_status(system) == "past_due"

        await until(overdue, what="the replayed event changed nothing")
    assert await system.letters() == []
    [stored] = await system.ask("SELECT * FROM webhook_events WHERE event_id = 'evt_poison'")
    assert (stored["disposition"], stored["sale_id"], stored["reason"]) == ("accepted", bought.id, None)
    [line] = await system.ask("SELECT * FROM timeline WHERE kind = 'dead_letter.replayed'")
    assert line["sale_id"] == bought.id
    assert line["what"].endswith(": fixed")


async def test_what_our_rules_failed_on_is_worked_on_once_after_the_fix(system: OperatorSystem) -> None:
    bought = await sold(system)
    poison = checkout_completed(bought.id, subscription_id="sub_1")
    system.failing.add(poison.id)
    async with system.working():
        await system.storage.inbox.record_many([receipt(poison)])
        [lying] = await until(system.letters, what="nothing was parked")
        assert lying["failed_in"] == "books"
        running = subscription_changed("sub_1", sale_id=bought.id)
        others: list[BillingEvent] = [invoice_paid(sale_id=bought.id, subscription_id="sub_1"), running]
        await system.storage.inbox.record_many([receipt(event) for event in others])
        await until(lambda: system.ask("SELECT 1 FROM users"), what="later events of the sale do not flow")

        system.failing.clear()
        await system.egpay("dead-letters", "replay", "--all")
        await system.egpay("dead-letters", "replay", str(lying["id"]), expect=1)

        async def completed() -> bool:
            return bool(await system.ask("SELECT 1 FROM sales WHERE checkout_session_id IS NOT NULL"))

        await until(completed, what="the replayed event changed nothing")
    assert await system.letters() == []
    [stands] = await system.ask("SELECT status FROM sales")
    assert stands["status"] == "paid"
    [once] = await system.ask(
        "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM shipments), (SELECT count(*) FROM payments)"
    )
    assert tuple(once) == (1, 1, 1)
    wanted = await system.ask("SELECT message_id FROM outbox WHERE subject LIKE 'billing.commands.%'")
    assert len({row["message_id"] for row in wanted}) == len(wanted)
    seen = await system.ask(
        "SELECT cause FROM timeline WHERE cause = $1 AND kind <> 'dead_letter.replayed'", poison.id
    )
    assert len(seen) <= 2, "worked on more than once"


async def test_what_fails_again_lies_aside_again_with_its_tries_counted_from_one(
    system: OperatorSystem,
) -> None:
    poison = subscription_changed("sub_1", SubscriptionStatus.PAST_DUE)
    system.failing.add(poison.id)
    async with system.working():
        await system.storage.inbox.record_many([receipt(poison)])
        [first] = await until(system.letters, what="nothing was parked")
        await system.egpay("dead-letters", "replay", str(first["id"]))
        [second] = await until(system.letters, what="it was not parked again")
    assert second["id"] != first["id"]
    assert second["attempts"] == 1


async def test_a_command_that_an_effect_failed_on_is_published_again(system: OperatorSystem) -> None:
    command = ShipDevices(
        id=MessageId("ship:sale_x"), occurred_at=NOON, source=Source.STRIPE, sale_id=SaleId("sale_x")
    )
    payload = msgspec.json.encode(command)
    letter = DeadLetter(
        message_id=command.id,
        subject="billing.commands.ship_devices",
        payload=payload,
        reason="Defect: the warehouse answered 400",
        attempts=3,
    )
    await system.storage.dead_letters.add_many([letter])
    [lying] = (await system.egpay("dead-letters", "ls", "--failed-in", "delivery", "--json")).json
    await system.egpay("dead-letters", "replay", str(lying["id"]))
    [waiting] = await system.ask("SELECT * FROM outbox")
    assert (waiting["message_id"], waiting["payload"]) == ("ship:sale_x", payload)
    assert waiting["published_at"] is None
    [line] = await system.ask("SELECT * FROM timeline")
    assert (line["sale_id"], line["kind"]) == ("sale_x", "dead_letter.replayed")


async def test_what_is_still_not_understood_stays_aside_and_the_command_fails(system: OperatorSystem) -> None:
    body = stripe_event(
        "customer.subscription.updated", {"id": "sub_one", "status": "hovering"}, event_id="evt_odd"
    )
    await system.storage.inbox.record_many([translate(body, live=False, at=datetime.now(UTC))])  # noqa: TID251
    [lying] = await system.letters()
    result = await system.egpay("dead-letters", "replay", str(lying["id"]), expect=1)
    assert "still not understood" in result.out
    [lying] = await system.letters()
    assert lying["attempts"] == 2


async def test_dropping_needs_a_reason_and_keeps_the_message_on_file(system: OperatorSystem) -> None:
    poison = misunderstood(webhook("active", "sale_x", event_id="evt_poison"))
    await system.storage.inbox.record_many([poison])
    [lying] = await system.letters()
    await system.egpay("dead-letters", "drop", str(lying["id"]), expect=2)
    await system.egpay("dead-letters", "drop", str(lying["id"]), "--reason", "a test of Stripe's")
    assert await system.letters() == []
    [kept] = (await system.egpay("dead-letters", "ls", "--resolved", "--json")).json
    assert kept["resolved_at"]
    [line] = await system.ask("SELECT * FROM timeline WHERE kind = 'dead_letter.dropped'")
    assert line["what"].endswith(": a test of Stripe's")


async def test_show_tells_the_sale_the_reason_and_the_stack_but_the_body_only_when_asked(
    system: OperatorSystem,
) -> None:
    sale_id = sale().id
    await system.storage.inbox.record_many([misunderstood(webhook("active", sale_id, event_id="evt_poison"))])
    [lying] = await system.letters()
    shown = (await system.egpay("dead-letters", "show", str(lying["id"]), "--json")).json
    assert (shown["reason"], shown["sale_id"]) == ("status: a bug", sale_id)
    assert f"egpay sale show {sale_id}" in (await system.egpay("dead-letters", "show", str(lying["id"]))).out
    assert sale_id in (await system.egpay("dead-letters", "ls")).out
    assert "body" not in shown
    shown = (await system.egpay("dead-letters", "show", str(lying["id"]), "--body", "--json")).json
    assert shown["body"]["data"]["object"]["id"] == "sub_one"
    await system.egpay("dead-letters", "show", "4711", expect=1)


async def test_wrong_usage_ends_with_2_and_a_database_that_is_away_with_1(egpay: EgpayCommand) -> None:
    await egpay("dead-letters", "replay", expect=2)
    await egpay("dead-letters", "nonsense", expect=2)
    away = await egpay("dead-letters", "ls", expect=1, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    assert "Traceback" not in away.err

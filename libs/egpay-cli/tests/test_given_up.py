import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from nats.js.api import ConsumerConfig
from operator_system import OperatorSystem, until

from egpay.adapters import wire
from egpay.adapters.nats import topology
from egpay.adapters.nats.advisories import NatsAdvisories
from egpay.adapters.nats.connection import Connection
from egpay.adapters.nats.publisher import JetStreamPublisher
from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.postgres.operator.dead_letter_advisories import PostgresDeadLetterAdvisories
from egpay.ports.dead_letters import DeadLetter
from egpay.testing.builders import receipt, subscription_changed


@pytest.fixture
async def listening(system: OperatorSystem) -> AsyncIterator[Connection]:
    """A worker's ear for advisories."""
    connection = Connection(system.nats_url, name="test")
    await connection.open()
    async with create_pool(system.url, name="test") as pool:
        task = asyncio.create_task(
            NatsAdvisories(connection, rest=0.5).run(PostgresDeadLetterAdvisories(pool).keep)
        )
        yield connection
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await connection.close()


async def test_what_the_broker_gave_up_on_lies_aside_and_can_be_replayed(
    system: OperatorSystem, listening: Connection
) -> None:
    event = subscription_changed("sub_1")
    js = listening.client.jetstream()
    await js.add_consumer(topology.STREAM, ConsumerConfig(durable_name="hasty", max_deliver=2, ack_wait=30))
    await system.storage.inbox.record_many([receipt(event)])
    await system.storage.outbox.drain_once(JetStreamPublisher(listening).publish_many)
    inbox = await js.pull_subscribe_bind("hasty", stream=topology.STREAM)
    for _ in range(2):
        [message] = await inbox.fetch(1, timeout=5)
        await message.nak()
    with contextlib.suppress(TimeoutError):
        await inbox.fetch(1, timeout=0.2)
    [lying] = await until(system.letters, what="the advisory was not kept")
    assert (lying["message_id"], lying["failed_in"], lying["attempts"]) == (event.id, "delivery", 2)
    await system.egpay("dead-letters", "replay", str(lying["id"]))
    async with system.working():
        await until(lambda: system.ask("SELECT 1 FROM subscriptions"), what="the replay was not worked on")
    await inbox.unsubscribe()


async def test_what_a_worker_set_aside_itself_does_not_lie_there_twice(
    system: OperatorSystem, listening: Connection
) -> None:
    js = listening.client.jetstream()
    await js.publish("billing.events.invoice_paid", b"not one of ours", headers={"Egpay-Message-Id": "odd"})
    async with system.working():
        [lying] = await until(system.letters, what="it was not parked")

        async def heard() -> bool:
            info = await listening.client.jsm().consumer_info(topology.ADVISORIES, "dead-letters")
            return info.ack_floor is not None and info.ack_floor.stream_seq >= 1

        await until(heard, what="no advisory was handled")
    assert await system.letters() == [lying]
    await system.egpay("dead-letters", "drop", str(lying["id"]), "--reason", "nonsense")
    assert len(await system.ask("SELECT 1 FROM dead_letters")) == 1


async def test_an_event_that_was_worked_on_is_no_dead_letter(system: OperatorSystem) -> None:
    event = subscription_changed("sub_1")
    async with system.working():
        await system.storage.inbox.record_many([receipt(event)])
        await until(lambda: system.ask("SELECT 1 FROM subscriptions"), what="it was not worked on")
    async with create_pool(system.url, name="test") as pool:
        message = wire.event_message(event)
        letter = DeadLetter(message_id=event.id, subject=message.subject, payload=message.payload, reason="x")
        await PostgresDeadLetterAdvisories(pool).keep(
            letter, "billing.events.subscription_changed@1", event.occurred_at
        )
    assert await system.letters() == []


async def test_what_the_broker_gave_up_on_is_counted_once_and_by_where_it_failed(
    system: OperatorSystem,
) -> None:
    counted: list[str] = []
    event = subscription_changed("sub_1")
    odd = DeadLetter(
        message_id=event.id, subject="billing.events.odd", payload=b"not one of ours", reason="x"
    )
    async with create_pool(system.url, name="test") as pool:
        given_up = PostgresDeadLetterAdvisories(pool, counted.append)
        for _ in range(2):
            await given_up.keep(odd, "billing.events.odd@7", event.occurred_at)
    assert counted == ["forged"]

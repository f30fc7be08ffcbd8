"""Work reaches a worker within milliseconds, in batches, and none of it is stranded when somebody leaves or dies."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest

from egpay.adapters.nats import Connection, JetStreamPublisher, JetStreamSource, connected, topology
from egpay.adapters.nats.provision import provision
from egpay.adapters.nats.source import Pull
from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.ports.deliveries import Batches, Delivery
from egpay.ports.outbox import OutboxMessage


@pytest.fixture
async def billing(nats_url: str) -> AsyncIterator[Connection]:
    """A connection to a broker that is laid out."""
    await provision(nats_url)
    async with connected(nats_url, name="test") as connection:
        yield connection


def _event(number: int) -> OutboxMessage:
    return OutboxMessage(
        id=MessageId(f"evt_{number}"), subject="billing.events.invoice_paid", payload=str(number).encode()
    )


async def _next(batches: Batches, within: float = 10.0) -> Sequence[Delivery]:
    async with asyncio.timeout(within):
        return await anext(batches)


async def _take(batches: Batches, count: int) -> list[str]:
    """Acknowledge until `count` messages were seen."""
    seen: list[str] = []
    while len(seen) < count:
        for delivery in await _next(batches):
            seen.append(delivery.payload.decode())
            await delivery.ack()
    return seen


async def test_what_waits_comes_in_full_batches_and_in_order(billing: Connection) -> None:
    await JetStreamPublisher(billing).publish_many([_event(number) for number in range(600)])
    async with aclosing(JetStreamSource(billing).batches("reactions", size=256)) as batches:
        sizes = []
        for _ in range(3):
            batch = await _next(batches)
            sizes.append(len(batch))
            assert [delivery.deliveries for delivery in batch] == [1] * len(batch)
            for delivery in batch:
                await delivery.ack()
    assert sizes == [256, 256, 88]


async def test_a_lone_message_arrives_within_milliseconds(billing: Connection) -> None:
    broker, delays = JetStreamPublisher(billing), []
    async with aclosing(JetStreamSource(billing).batches("reactions")) as batches:
        for number in range(30):
            waiting = asyncio.create_task(_next(batches))
            await asyncio.sleep(0.01)
            began = time.perf_counter()
            await broker.publish_many([_event(number)])
            (delivery,) = await waiting
            delays.append(time.perf_counter() - began)
            await delivery.ack()
    # the publish's own fsync and acknowledgement are in it
    assert statistics.median(delays) < 0.02


async def test_each_effect_has_a_consumer_of_its_own(billing: Connection) -> None:
    commands = ["send_introduction", "ship_devices", "trace_payment", "cancel_shipment"]
    await JetStreamPublisher(billing).publish_many(
        [
            OutboxMessage(id=MessageId(name), subject=f"billing.commands.{name}", payload=name.encode())
            for name in commands
        ]
    )
    seen = {}
    for consumer, count in (("effects-mail", 1), ("effects-warehouse", 2), ("effects-payments", 1)):
        async with aclosing(JetStreamSource(billing).batches(consumer)) as batches:
            seen[consumer] = await _take(batches, count)
    assert seen == {
        "effects-mail": ["send_introduction"],
        "effects-warehouse": ["ship_devices", "cancel_shipment"],
        "effects-payments": ["trace_payment"],
    }


async def test_a_message_comes_again_after_the_delay_that_was_asked_for(billing: Connection) -> None:
    await JetStreamPublisher(billing).publish_many([_event(1)])
    async with aclosing(JetStreamSource(billing).batches("reactions")) as batches:
        (first,) = await _next(batches)
        began = time.monotonic()
        await first.nak(0.3)
        (second,) = await _next(batches)
        assert time.monotonic() - began >= 0.3
        assert (second.deliveries, second.stream_sequence) == (2, first.stream_sequence)
        await second.nak()
        (third,) = await _next(batches)
        assert third.deliveries == 3
        await third.term()
        async with asyncio.timeout(5):
            while await _unanswered(billing):
                await asyncio.sleep(0.01)


async def _unanswered(connection: Connection) -> int:
    info = await connection.client.jsm().consumer_info(topology.STREAM, "reactions")
    return (info.num_ack_pending or 0) + (info.num_pending or 0)


async def test_work_in_progress_is_not_given_to_anybody_else(billing: Connection) -> None:
    impatient = next(config for config in topology.consumers() if config.name == "reactions")
    impatient.ack_wait = 0.5
    await billing.client.jsm().add_consumer(topology.STREAM, impatient)
    await JetStreamPublisher(billing).publish_many([_event(1)])
    async with aclosing(JetStreamSource(billing).batches("reactions")) as batches:
        (delivery,) = await _next(batches)
        again = asyncio.create_task(_next(batches))
        for _ in range(6):
            await asyncio.sleep(0.2)
            await delivery.in_progress()
        assert not again.done()
        (repeated,) = await again
        assert repeated.deliveries == 2


async def test_stop_ends_an_idle_source_at_once(billing: Connection) -> None:
    source = JetStreamSource(billing)
    ended = asyncio.create_task(_exhaust(source.batches("reactions")))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    source.stop()
    await ended
    assert time.monotonic() - began < 0.5


async def _exhaust(batches: Batches) -> None:
    async for _ in batches:
        pass


async def _work_for(seconds: float, url: str, given: set[str], *, cancelled: bool) -> None:
    """A worker that comes and leaves, in good order or by force."""
    async with connected(url, name="worker") as connection:
        source = JetStreamSource(connection)

        async def loop() -> None:
            async with aclosing(source.batches("reactions", size=16)) as batches:
                async for batch in batches:
                    given.update(delivery.payload.decode() for delivery in batch)
                    for delivery in batch:
                        await delivery.ack()

        task = asyncio.create_task(loop())
        await asyncio.sleep(seconds)
        if cancelled:
            task.cancel()
        else:
            source.stop()
        await asyncio.wait({task})


async def test_what_a_worker_had_not_been_given_comes_to_the_next_at_once(billing: Connection) -> None:
    pull = Pull(billing.client, "reactions", 256)
    await pull.open()
    interrupted = asyncio.create_task(pull.next())
    await billing.client.flush()
    interrupted.cancel()
    await JetStreamPublisher(billing).publish_many([_event(number) for number in range(100)])
    await billing.client.flush()
    began = time.monotonic()
    await pull.close()
    deliveries: list[int] = []
    async with aclosing(JetStreamSource(billing).batches("reactions")) as batches:
        while len(deliveries) < 100:
            deliveries += [delivery.deliveries for delivery in await _next(batches)]
    assert max(deliveries) == 2
    assert time.monotonic() - began < 2


async def test_nothing_is_lost_by_workers_that_leave_at_any_moment(
    billing: Connection, nats_url: str
) -> None:
    impatient = next(config for config in topology.consumers() if config.name == "reactions")
    impatient.ack_wait = 1.0
    await billing.client.jsm().add_consumer(topology.STREAM, impatient)
    total = 400
    given: set[str] = set()

    async def publish() -> None:
        for number in range(total):
            await JetStreamPublisher(billing).publish_many([_event(number)])

    publishing = asyncio.create_task(publish())
    turn = 0
    async with asyncio.timeout(30):
        while len(given) < total:
            turn += 1
            await _work_for(0.01 + 0.003 * (turn % 7), nats_url, given, cancelled=turn % 2 == 0)
    await publishing


async def test_a_consumer_that_is_missing_is_an_outage_that_says_what_to_do(billing: Connection) -> None:
    with pytest.raises(Outage, match="egpay migrate"):
        await _next(JetStreamSource(billing).batches("nobody"))


async def test_a_consumer_that_is_taken_away_is_an_outage_at_once(billing: Connection) -> None:
    waiting = asyncio.create_task(_next(JetStreamSource(billing).batches("reactions")))
    await asyncio.sleep(0.1)
    await billing.client.jsm().delete_consumer(topology.STREAM, "reactions")
    with pytest.raises(Outage, match="reactions"):
        await asyncio.wait_for(waiting, 1)

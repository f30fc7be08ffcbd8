"""The broker in memory keeps the promises of the real one: the same tests meet both."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import pytest

from egpay.adapters.nats import JetStreamPublisher, JetStreamSource, connected
from egpay.adapters.nats.provision import provision
from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.ports.deliveries import Batches, Delivery, MessageSource
from egpay.ports.outbox import OutboxMessage, Publisher
from egpay.testing.broker import MemoryBroker

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@dataclass(frozen=True, slots=True)
class Way:
    """Both ends of a broker."""

    broker: Publisher
    source: MessageSource


@asynccontextmanager
async def _memory(request: pytest.FixtureRequest) -> AsyncIterator[Way]:
    both = MemoryBroker(
        {"reactions": ["billing.events.*"], "effects-mail": ["billing.commands.send_introduction"]}
    )
    yield Way(both, both)


@asynccontextmanager
async def _nats(request: pytest.FixtureRequest) -> AsyncIterator[Way]:
    url = request.getfixturevalue("nats_url")
    await provision(url)
    async with connected(url, name="test") as connection:
        yield Way(JetStreamPublisher(connection), JetStreamSource(connection))


@pytest.fixture(params=[_memory, pytest.param(_nats, marks=pytest.mark.integration)], ids=["memory", "nats"])
async def way(request: pytest.FixtureRequest) -> AsyncIterator[Way]:
    async with request.param(request) as both_ends:
        yield both_ends


def _message(name: str, subject: str = "billing.events.invoice_paid") -> OutboxMessage:
    return OutboxMessage(id=MessageId(name), subject=subject, payload=name.encode(), traceparent=TRACE)


async def _next(batches: Batches) -> Sequence[Delivery]:
    async with asyncio.timeout(10):
        return await anext(batches)


async def test_messages_arrive_in_order_with_all_that_was_sent(way: Way) -> None:
    await way.broker.publish_many(
        [_message("a"), _message("b"), _message("c", "billing.commands.send_introduction")]
    )
    async with aclosing(way.source.batches("reactions")) as batches:
        first, second = await _next(batches)
    assert (first.payload, second.payload) == (b"a", b"b")
    assert first.subject == "billing.events.invoice_paid"
    assert first.headers["Egpay-Message-Id"] == "a"
    assert first.headers["traceparent"] == TRACE
    assert (first.deliveries, first.stream_sequence, second.stream_sequence) == (1, 1, 2)


async def test_a_batch_is_no_larger_than_asked_for(way: Way) -> None:
    await way.broker.publish_many([_message(str(number)) for number in range(5)])
    async with aclosing(way.source.batches("reactions", size=2)) as batches:
        sizes = [len(await _next(batches)) for _ in range(3)]
    assert sizes == [2, 2, 1]


async def test_what_was_refused_comes_again_and_what_was_ended_does_not(way: Way) -> None:
    await way.broker.publish_many([_message("ack"), _message("nak"), _message("term")])
    async with aclosing(way.source.batches("reactions")) as batches:
        acked, refused, ended = await _next(batches)
        await acked.ack()
        await refused.in_progress()
        await refused.nak()
        await ended.term()
        (again,) = await _next(batches)
        assert (again.payload, again.deliveries, again.stream_sequence) == (
            b"nak",
            2,
            refused.stream_sequence,
        )
        await again.ack()
        await way.broker.publish_many([_message("last")])
        (last,) = await _next(batches)
        assert last.payload == b"last"


async def test_a_source_that_waits_is_told_of_a_new_message(way: Way) -> None:
    async with aclosing(way.source.batches("reactions")) as batches:
        waiting = asyncio.create_task(_next(batches))
        await asyncio.sleep(0.02)
        await way.broker.publish_many([_message("a")])
        (delivery,) = await waiting
        assert delivery.payload == b"a"


async def test_a_stopped_source_ends(way: Way) -> None:
    async with aclosing(way.source.batches("reactions")) as batches:
        ending = asyncio.create_task(_exhaust(batches))
        await asyncio.sleep(0.02)
        way.source.stop()
        await asyncio.wait_for(ending, 2)


async def _exhaust(batches: Batches) -> None:
    async for _ in batches:
        continue


async def test_a_consumer_that_does_not_exist_is_an_outage(way: Way) -> None:
    with pytest.raises(Outage, match="nobody"):
        await _next(way.source.batches("nobody"))


async def test_in_memory_an_away_broker_refuses_everything_and_a_lost_worker_returns_its_messages() -> None:
    memory = MemoryBroker({"reactions": ["billing.events.*"]})
    await memory.publish_many([_message("a")])
    async with aclosing(memory.batches("reactions")) as batches:
        (delivery,) = await _next(batches)
        memory.away = True
        with pytest.raises(Outage):
            await delivery.ack()
        with pytest.raises(Outage):
            await memory.publish_many([_message("b")])
        memory.away = False
        memory.lose_worker("reactions")
        (again,) = await _next(batches)
        assert (again.deliveries, memory.unanswered("reactions")) == (2, 1)

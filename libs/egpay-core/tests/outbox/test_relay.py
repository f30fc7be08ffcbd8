"""Whatever is in the outbox reaches the broker, at once or as soon as the world allows, and no wake-up is lost."""

import asyncio
import time
from collections.abc import Callable, Sequence

import pytest

from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.outbox.relay import Relay
from egpay.ports.outbox import OutboxMessage, Publish, Unpublishable
from egpay.testing.broker import MemoryBroker
from egpay.testing.memory import MemoryOutbox, MemoryStore


def _event(number: int) -> OutboxMessage:
    return OutboxMessage(id=MessageId(f"evt_{number}"), subject="billing.events.invoice_paid", payload=b"{}")


class ListOutbox:
    """Outbox over a list, with a switch to take the database away."""

    def __init__(self, count: int = 0) -> None:
        self.waiting: list[OutboxMessage] = []
        self.away = False
        self.drains = 0
        self.put(count)

    def put(self, count: int) -> None:
        first = len(self.waiting)
        self.waiting += [_event(number) for number in range(first, first + count)]

    async def drain_once(self, publish: Publish, *, limit: int = 256) -> int:
        self.drains += 1
        if self.away:
            raise Outage("the database is away")
        taken: Sequence[OutboxMessage] = self.waiting[:limit]
        if taken:
            await publish(taken)
        del self.waiting[: len(taken)]
        return len(taken)

    async def mark_published(self, ids: Sequence[MessageId]) -> None:
        self.waiting = [message for message in self.waiting if message.id not in ids]


async def _until(true: Callable[[], bool], within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.001)


async def test_a_full_outbox_is_drained_in_batches() -> None:
    outbox, broker, sizes = ListOutbox(600), MemoryBroker(), list[int]()
    relay = Relay(outbox, broker, on_batch=sizes.append)
    assert await relay.drain() == 600
    assert sizes == [256, 256, 88]
    assert len(broker.published) == 600


async def test_a_wake_up_is_answered_at_once() -> None:
    outbox, broker = ListOutbox(), MemoryBroker()
    relay = Relay(outbox, broker, poll=60)
    running = asyncio.create_task(relay.run())
    await asyncio.sleep(0.01)
    began = time.perf_counter()
    outbox.put(1)
    relay.wake()
    await _until(lambda: len(broker.published) == 1)
    assert time.perf_counter() - began < 0.1
    running.cancel()


async def test_no_wake_up_is_lost_whenever_it_comes() -> None:
    """Also one that comes while the outbox is being drained, after its last row was taken."""
    outbox, broker = ListOutbox(), MemoryBroker()
    relay = Relay(outbox, broker, poll=60)
    running = asyncio.create_task(relay.run())
    for number in range(300):
        for _ in range(number % 7):
            await asyncio.sleep(0)
        outbox.put(1)
        relay.wake()
    await _until(lambda: len(broker.published) == 300)
    running.cancel()


async def test_what_other_processes_left_is_found_without_a_wake_up() -> None:
    outbox, broker = ListOutbox(), MemoryBroker()
    running = asyncio.create_task(Relay(outbox, broker, poll=0.02).run())
    await asyncio.sleep(0.01)
    outbox.put(3)
    await _until(lambda: len(broker.published) == 3)
    running.cancel()


@pytest.mark.parametrize("which", ["database", "broker"])
async def test_it_waits_for_what_is_away_and_goes_on_by_itself(which: str) -> None:
    outbox, broker = ListOutbox(5), MemoryBroker()
    part = outbox if which == "database" else broker
    part.away = True
    relay = Relay(outbox, broker, poll=0.01, first_delay=0.01, longest_delay=0.04)
    running = asyncio.create_task(relay.run())
    await _until(lambda: outbox.drains >= 4)
    assert "away" in str(relay._fault)
    part.away = False
    await _until(lambda: len(broker.published) == 5)
    await _until(lambda: relay._fault is None)
    assert not running.done()
    running.cancel()


async def test_wake_ups_do_not_hammer_a_broker_that_is_away() -> None:
    outbox, broker = ListOutbox(1), MemoryBroker()
    broker.away = True
    relay = Relay(outbox, broker, poll=60, first_delay=0.05, longest_delay=10)
    running = asyncio.create_task(relay.run())
    for _ in range(150):
        relay.wake()
        await asyncio.sleep(0.001)
    assert outbox.drains <= 5
    running.cancel()


class PickyBroker(MemoryBroker):
    """A broker that will never take some messages."""

    def __init__(self, *never: str) -> None:
        super().__init__()
        self.never = {MessageId(name): "it is larger than the broker takes" for name in never}

    async def publish_many(self, messages: Sequence[OutboxMessage]) -> None:
        if bad := {message.id: self.never[message.id] for message in messages if message.id in self.never}:
            raise Unpublishable(bad)
        await super().publish_many(messages)


async def test_a_message_that_no_broker_takes_is_dead_lettered_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store, broker = MemoryStore(), PickyBroker("evt_3", "evt_7")
    store.tables.put(*(_event(number) for number in range(300)))
    assert await Relay(MemoryOutbox(store), broker).drain() == 300
    assert len(broker.published) == 298
    letters = store.tables.dead_letters
    assert {key: letter.reason for key, letter in letters.items()} == dict.fromkeys(
        ["evt_3", "evt_7"], "cannot be published: it is larger than the broker takes"
    )
    assert [record.getMessage() for record in caplog.records] == ["dead-lettered"] * 2
    assert await Relay(MemoryOutbox(store), broker).drain() == 0


async def test_an_outage_beside_it_sets_nothing_aside_yet() -> None:
    class Away(PickyBroker):
        async def publish_many(self, messages: Sequence[OutboxMessage]) -> None:
            await super().publish_many(messages)
            raise Outage("the broker is away")

    store = MemoryStore()
    store.tables.put(_event(0), _event(1))
    with pytest.raises(Outage):
        await Relay(MemoryOutbox(store), Away("evt_0")).drain()
    assert (store.tables.dead_letters, store.tables.published) == ({}, {})


async def test_what_is_no_outage_is_left_to_the_supervisor() -> None:
    class Broken(MemoryBroker):
        async def publish_many(self, messages: Sequence[OutboxMessage]) -> None:
            raise KeyError(len(messages))

    with pytest.raises(KeyError):
        await Relay(ListOutbox(1), Broken()).run()

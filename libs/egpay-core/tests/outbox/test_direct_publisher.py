"""What was just committed goes to the broker from memory; whatever does not get there, the relay finds in the outbox."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from egpay.outbox.direct_publisher import DirectPublisher, PublishMarker
from egpay.outbox.relay import Relay
from egpay.ports.outbox import OutboxMessage, Unpublishable
from egpay.testing.broker import MemoryBroker
from egpay.testing.builders import receipt, subscription_changed
from egpay.testing.memory import MemoryInbox, MemoryOutbox, MemoryStore


class GatedBroker(MemoryBroker):
    """A broker that takes nothing while its gate is closed, and remembers how much it was given at once."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()
        self.sizes: list[int] = []

    async def publish_many(self, messages: Sequence[OutboxMessage]) -> None:
        await self.gate.wait()
        await super().publish_many(messages)
        self.sizes.append(len(messages))


async def _committed(store: MemoryStore, count: int, lease: float = 60.0) -> Sequence[OutboxMessage]:
    events = [subscription_changed(f"sub_{number}") for number in range(count)]
    return await MemoryInbox(store).record_to_publish([receipt(event) for event in events], lease=lease)


async def _until(true: Callable[[], bool], within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.001)


def _both(
    store: MemoryStore, broker: MemoryBroker, *, flush_interval: float = 0.001, **options: Any
) -> tuple[DirectPublisher, PublishMarker]:
    marks = PublishMarker(MemoryOutbox(store), flush_interval=flush_interval)
    return DirectPublisher(broker, marks.add, **options), marks


@asynccontextmanager
async def _running(express: DirectPublisher, marks: PublishMarker) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(work()) for work in (express.run, marks.run)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


class PickyGatedBroker(GatedBroker):
    """It will never take the first message."""

    async def publish_many(self, messages: Sequence[OutboxMessage]) -> None:
        if bad := [message.id for message in messages if message.subject.endswith("never")]:
            raise Unpublishable(dict.fromkeys(bad, "it is larger than the broker takes"))
        await super().publish_many(messages)


async def test_what_no_broker_takes_is_left_to_the_relay_and_the_rest_goes() -> None:
    store, broker = MemoryStore(), PickyGatedBroker()
    first, *rest = await _committed(store, 3)
    express, marks = _both(store, broker)
    async with _running(express, marks):
        express.submit([msgspec.structs.replace(first, subject="never"), *rest])
        await _until(lambda: len(store.tables.published) == 2)
    assert [message.id for message in broker.published] == [message.id for message in rest]
    assert first.id not in store.tables.published


async def test_what_is_handed_over_is_published_in_order_and_then_marked() -> None:
    store, broker = MemoryStore(), GatedBroker()
    messages = await _committed(store, 5)
    express, marks = _both(store, broker, flush_interval=0.001)
    async with _running(express, marks):
        express.submit(messages[:2])
        express.submit(messages[2:])
        express.submit([])
        await _until(lambda: len(store.tables.published) == 5)
    assert broker.published == list(messages)


async def test_what_comes_while_a_batch_is_under_way_goes_together() -> None:
    store, broker, sizes = MemoryStore(), GatedBroker(), list[int]()
    broker.gate.clear()
    messages = await _committed(store, 40)
    express, marks = _both(store, broker, limit=16, on_batch=sizes.append)
    async with _running(express, marks):
        express.submit(messages[:1])
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for message in messages[1:]:
            express.submit([message])
        broker.gate.set()
        await _until(lambda: len(broker.published) == 40)
    assert broker.sizes == sizes == [1, 16, 16, 7]


async def test_more_than_it_can_hold_is_left_to_the_relay() -> None:
    store, broker = MemoryStore(), GatedBroker()
    messages = await _committed(store, 10, lease=-1)
    express, marks = _both(store, broker, capacity=6)
    express.submit(messages[:4])
    express.submit(messages[4:])
    async with _running(express, marks):
        await _until(lambda: len(store.tables.published) == 6)
    assert broker.published == list(messages[:6])
    assert await Relay(MemoryOutbox(store), broker).drain() == 4
    assert broker.published == list(messages)


async def test_while_the_broker_is_away_everything_is_left_to_the_relay() -> None:
    store, broker = MemoryStore(), GatedBroker()
    broker.away = True
    messages = await _committed(store, 6, lease=0)
    express, marks = _both(store, broker, limit=2, pause=0.02, flush_interval=0.001)
    async with _running(express, marks):
        express.submit(messages[:4])
        await asyncio.sleep(0.01)
        broker.away = False
        express.submit(messages[4:])
        await _until(lambda: len(store.tables.published) == 2)
    assert broker.published == list(messages[4:])
    assert broker.sizes == [2]
    assert await Relay(MemoryOutbox(store), broker).drain() == 4


async def test_what_it_comes_to_too_late_is_left_to_the_relay() -> None:
    store, broker = MemoryStore(), GatedBroker()
    broker.gate.clear()
    messages = await _committed(store, 4, lease=-1)
    express, marks = _both(store, broker, limit=2, lease=0.05, flush_interval=0.001)
    async with _running(express, marks):
        express.submit(messages)
        await asyncio.sleep(0.1)
        broker.gate.set()
        await _until(lambda: len(store.tables.published) == 2)
    assert broker.published == list(messages[:2])
    assert await Relay(MemoryOutbox(store), broker).drain() == 2


async def test_a_mark_that_is_lost_costs_no_more_than_a_second_message() -> None:
    store, broker = MemoryStore(), GatedBroker()
    messages = await _committed(store, 2, lease=-1)
    express, marks = _both(store, broker, flush_interval=0.001)
    async with _running(express, marks):
        store.away = True
        express.submit(messages)
        await _until(lambda: len(broker.published) == 2)
        await asyncio.sleep(0.01)
        store.away = False
    assert await Relay(MemoryOutbox(store), broker).drain() == 2
    assert broker.published == [*messages, *messages]


async def test_what_was_published_is_marked_before_it_leaves() -> None:
    store, broker = MemoryStore(), GatedBroker()
    messages = await _committed(store, 3)
    express, marks = _both(store, broker, flush_interval=60)
    async with _running(express, marks):
        express.submit(messages)
        await _until(lambda: len(broker.published) == 3)
        assert not store.tables.published
    assert len(store.tables.published) == 3


async def test_what_is_no_outage_is_left_to_the_supervisor_and_nothing_else_is_lost() -> None:
    class Broken(MemoryBroker):
        async def publish_many(self, messages: Sequence[OutboxMessage]) -> None:
            raise KeyError(len(messages))

    store = MemoryStore()
    messages = await _committed(store, 3, lease=-1)
    express, _ = _both(store, Broken(), limit=2)
    express.submit(messages)
    with pytest.raises(KeyError):
        await express.run()
    assert await Relay(MemoryOutbox(store), MemoryBroker()).drain() == 3


async def test_an_outage_is_told_once_in_the_log_without_what_was_in_the_messages(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store, broker = MemoryStore(), GatedBroker()
    broker.away = True
    express, marks = _both(store, broker, pause=0.001)
    async with _running(express, marks):
        for _ in range(3):
            express.submit(await _committed(store, 2))
            await _until(lambda: not express._held)
            await asyncio.sleep(0.005)
    [record] = caplog.records
    assert record.getMessage() == "messages are left to the relay"
    assert (record.count, record.reason) == (2, "the broker is away")  # type: ignore[attr-defined]

"""In a rolling upgrade an older worker meets messages of the newer release: it leaves them to a newer worker."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import get_args

import pytest

from billing_worker.inbound.command_broker import CommandBroker
from billing_worker.inbound.command_consumers import subscribe
from billing_worker.inbound.command_handler import CommandHandler
from billing_worker.inbound.event_consumer import CONSUMER, EventConsumer
from billing_worker.outbound.context import EffectContext
from egpay.adapters import wire
from egpay.adapters.nats import JetStreamPublisher, JetStreamSource, connected
from egpay.adapters.nats.provision import provision
from egpay.domain.commands import Command, ShipDevices
from egpay.domain.events import BillingEvent, CheckoutExpired, Source
from egpay.domain.shipment import Progress, Shipment
from egpay.domain.values import MessageId, SaleId, SessionId
from egpay.ports.deliveries import Delivery
from egpay.ports.outbox import OutboxMessage, Publisher
from egpay.telemetry.metrics import Metrics
from egpay.testing.broker import MemoryBroker
from egpay.testing.builders import moment, order, sale, shipment_reported
from egpay.testing.memory import (
    MemoryBooks,
    MemoryDeadLetters,
    MemoryInbox,
    MemoryPublishedMessages,
    MemorySingleFlight,
    MemoryStore,
    memory_unit_of_work,
)
from egpay.testing.world import PlainLetters, RecordingMail, RecordingWarehouse, ScriptedPayments

OLD_EVENTS = [kind for kind in get_args(BillingEvent) if kind is not CheckoutExpired]
OLD_COMMANDS = [kind for kind in get_args(Command) if kind is not ShipDevices]
SALE = sale(order(), id=SaleId("sale_1"))
EXPIRED = CheckoutExpired(
    id=MessageId("evt_expired"),
    occurred_at=moment(),
    source=Source.STRIPE,
    sale_id=SALE.id,
    session_id=SessionId("cs_1"),
)
SHIP = ShipDevices(
    id=MessageId("ship:sale_1"), occurred_at=moment(), source=Source.STRIPE, sale_id=SALE.id, revision=1
)


@dataclass
class Release:
    """A worker of one release: what it can read, over tables that all releases share."""

    store: MemoryStore
    events: wire.Read[BillingEvent] = wire.read_event
    commands: wire.Read[Command] = wire.read_command
    warehouse: RecordingWarehouse = field(default_factory=RecordingWarehouse)
    metrics: Metrics = field(default_factory=Metrics)
    days: float = 0.0

    def loop(self, source: MemoryBroker | JetStreamSource) -> EventConsumer:
        return EventConsumer(
            source=source,
            books=MemoryBooks(self.store),
            dead_letters=MemoryDeadLetters(self.store),
            published=MemoryPublishedMessages(self.store),
            wake_relay=lambda: None,
            metrics=self.metrics,
            clock=lambda: moment() + timedelta(days=self.days),
            read=self.events,
        )

    def handler(self) -> CommandHandler:
        world = EffectContext(
            begin=memory_unit_of_work(self.store),
            mail=RecordingMail(),
            letters=PlainLetters(),
            warehouse=self.warehouse,
            payments=ScriptedPayments(),
            single_flight=MemorySingleFlight(self.store),
            inbox=MemoryInbox(self.store),
            clock=lambda: moment() + timedelta(days=self.days),
            invitation_token=lambda command, user: f"token of {command} for {user.email}",
            portal_token=lambda command, key: f"token of {command} for {key}",
            mail_domain="eg.example",
        )
        return CommandHandler(
            context=world,
            published=MemoryPublishedMessages(self.store),
            dead_letters=MemoryDeadLetters(self.store),
            metrics=self.metrics,
            read=self.commands,
        )

    def counted(self, kind: str) -> float:
        value = self.metrics.registry.get_sample_value("egpay_messages_newer_total", {"kind": kind})
        return value or 0.0


def older(store: MemoryStore) -> Release:
    return Release(store, wire.event_reader(OLD_EVENTS), wire.command_reader(OLD_COMMANDS))


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.tables.sales[SALE.id] = SALE
    store.tables.orders[SALE.id] = order()
    store.tables.shipments[SALE.id] = Shipment(sale_id=SALE.id, asked=True, revision=1)
    return store


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker({CONSUMER: ["billing.events.*"], "effects": ["billing.commands.*"]}, clock=moment)


async def publish(store: MemoryStore, broker: Publisher, messages: list[OutboxMessage]) -> None:
    """What the relay does: publish what the outbox holds."""
    store.tables.outbox.update({message.id: message for message in messages})
    await broker.publish_many(messages)


async def deliver(broker: MemoryBroker, consumer: str = CONSUMER) -> list[Delivery]:
    return [*await anext(broker.batches(consumer))]


async def test_an_event_without_a_table_is_retried_and_holds_nothing_of_its_batch_up(
    store: MemoryStore, broker: MemoryBroker
) -> None:
    await publish(
        store,
        broker,
        [
            wire.event_message(EXPIRED),
            wire.event_message(shipment_reported(SALE.id, Progress.SHIPPED)),
        ],
    )
    worker = older(store)
    await worker.loop(broker).work_on(await deliver(broker))
    assert broker.unanswered(CONSUMER) == 1
    assert len(store.tables.processed_messages) == 1
    assert not store.tables.dead_letters
    assert (worker.counted("event"), worker.counted("command")) == (1.0, 0.0)
    await Release(store).loop(broker).work_on(await deliver(broker))
    assert broker.unanswered(CONSUMER) == 0
    assert EXPIRED.id in store.tables.processed_messages


async def test_a_command_without_a_table_is_retried_and_carried_out_by_a_newer_worker(
    store: MemoryStore, broker: MemoryBroker
) -> None:
    await publish(store, broker, [wire.command_message(SHIP)])
    worker = older(store)
    await worker.handler()((await deliver(broker, "effects"))[0])
    assert (broker.unanswered("effects"), worker.warehouse.told) == (1, {})
    assert (worker.counted("event"), worker.counted("command")) == (0.0, 1.0)
    newer = Release(store)
    await newer.handler()((await deliver(broker, "effects"))[0])
    assert (broker.unanswered("effects"), newer.warehouse.told) == (0, {SHIP.id: "ship sale_1"})


async def test_it_is_dead_lettered_as_newer_only_after_a_day_of_retries_that_come_ten_minutes_apart(
    store: MemoryStore, broker: MemoryBroker
) -> None:
    await publish(store, broker, [wire.event_message(EXPIRED), wire.command_message(SHIP)])
    worker = older(store)
    for days in (*(0.0 for _ in range(14)), 0.99):
        worker.days = days
        await worker.loop(broker).work_on(await deliver(broker))
        await worker.handler()((await deliver(broker, "effects"))[0])
    assert not store.tables.dead_letters
    assert 300.0 <= broker.delays[-1] <= 600.0
    assert max(broker.delays) <= 600.0
    worker.days = 1.01
    await worker.loop(broker).work_on(await deliver(broker))
    await worker.handler()((await deliver(broker, "effects"))[0])
    told = {key: (letter.failed_in, letter.attempts) for key, letter in store.tables.dead_letters.items()}
    assert told == {EXPIRED.id: ("newer", 16), SHIP.id: ("newer", 16)}
    assert broker.unanswered(CONSUMER) == broker.unanswered("effects") == 0


async def test_a_backlog_that_is_older_than_a_day_is_not_dead_lettered_on_sight(
    store: MemoryStore, broker: MemoryBroker
) -> None:
    await publish(store, broker, [wire.event_message(EXPIRED)])
    worker = older(store)
    worker.days = 3.0
    for _ in range(11):
        await worker.loop(broker).work_on(await deliver(broker))
    assert not store.tables.dead_letters
    await worker.loop(broker).work_on(await deliver(broker))
    assert [letter.failed_in for letter in store.tables.dead_letters.values()] == ["newer"]


@asynccontextmanager
async def at_work(release: Release, nats_url: str) -> AsyncIterator[None]:
    """A worker of this release, on the real broker, until the block ends."""
    async with connected(nats_url, name="worker") as connection:
        source = JetStreamSource(connection)
        commands = CommandBroker([nats_url], logger=None)
        subscribe(commands, release.handler())
        await commands.start()
        events = asyncio.create_task(release.loop(source).run())
        try:
            yield
        finally:
            source.stop()
            await events
            await commands.stop()


async def test_two_releases_side_by_side_lose_nothing_on_the_real_broker(
    store: MemoryStore, nats_url: str
) -> None:
    await provision(nats_url)
    old, new = older(store), Release(store)
    async with connected(nats_url, name="api") as connection, at_work(old, nats_url):
        messages = [wire.event_message(EXPIRED), wire.command_message(SHIP)]
        await publish(store, JetStreamPublisher(connection), messages)
        async with asyncio.timeout(20):
            while not (old.counted("event") and old.counted("command")):
                await asyncio.sleep(0.02)
        async with at_work(new, nats_url), asyncio.timeout(30):
            while not {EXPIRED.id, SHIP.id} <= store.tables.processed_messages.keys():
                await asyncio.sleep(0.02)
    assert not store.tables.dead_letters
    assert new.warehouse.told == {SHIP.id: "ship sale_1"}

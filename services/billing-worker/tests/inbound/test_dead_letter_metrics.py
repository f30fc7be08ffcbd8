"""Every dead letter is counted by where it failed, so that an alarm can watch one number."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from billing_worker.inbound.event_consumer import CONSUMER, EventConsumer
from billing_worker.outbound.counted_dead_letters import CountedDeadLetters
from egpay.adapters import wire
from egpay.domain.errors import Outage
from egpay.domain.events import BillingEvent
from egpay.domain.outcome import Fold
from egpay.domain.shipment import Progress
from egpay.domain.values import MessageId, SaleId
from egpay.ports.books import BatchResult
from egpay.ports.dead_letters import DeadLetter, DeadLetters
from egpay.ports.outbox import OutboxMessage
from egpay.telemetry.metrics import Metrics
from egpay.testing.broker import MemoryBroker
from egpay.testing.builders import moment, shipment_reported
from egpay.testing.memory import MemoryDeadLetters, MemoryPublishedMessages, MemoryStore


@dataclass
class PoisonedBooks:
    """Books whose fold sets every event aside, or that fail as a whole."""

    fails: bool = False

    async def apply(
        self,
        events: Sequence[BillingEvent],
        fold: Fold,  # noqa: ARG002
        *,
        payloads: Sequence[bytes] | None,  # noqa: ARG002
    ) -> BatchResult:
        if self.fails:
            raise ValueError("poison")
        return BatchResult(parked=tuple(event.id for event in events))


class ClosedDeadLetters(DeadLetters):
    """A queue whose database does not answer."""

    async def add_many(self, letters: Sequence[DeadLetter]) -> None:  # noqa: ARG002
        raise Outage("the database is away")


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def broker() -> MemoryBroker:
    return MemoryBroker({CONSUMER: ["billing.events.*"]}, clock=moment)


def counted(metrics: Metrics) -> dict[str, float]:
    [family] = [one for one in metrics.registry.collect() if one.name == "egpay_dead_letters"]
    return {one.labels["origin"]: one.value for one in family.samples if one.name.endswith("_total")}


async def work(
    broker: MemoryBroker, books: PoisonedBooks, queue: DeadLetters, metrics: Metrics, *messages: OutboxMessage
) -> None:
    await broker.publish_many(messages)
    dead_letters = CountedDeadLetters(queue, metrics)
    store = MemoryStore()
    store.tables.outbox.update({message.id: message for message in messages})
    consumer = EventConsumer(
        broker, books, dead_letters, MemoryPublishedMessages(store), lambda: None, metrics, moment
    )
    await consumer.work_on([*await anext(broker.batches(CONSUMER))])


def told(number: int) -> OutboxMessage:
    return wire.event_message(shipment_reported(SaleId(f"sale_{number}"), Progress.SHIPPED))


async def test_events_that_the_rules_fail_on_are_counted_as_those_of_the_books(
    broker: MemoryBroker, metrics: Metrics
) -> None:
    await work(broker, PoisonedBooks(), MemoryDeadLetters(MemoryStore()), metrics, told(1), told(2))
    assert counted(metrics) == {"books": 2.0}


async def test_a_message_that_no_worker_can_read_or_apply_is_counted_where_it_was_delivered(
    broker: MemoryBroker, metrics: Metrics
) -> None:
    odd = OutboxMessage(id=MessageId("odd"), subject="billing.events.odd", payload=b"not one of ours")
    queue = MemoryDeadLetters(MemoryStore())
    await work(broker, PoisonedBooks(fails=True), queue, metrics, odd, told(1))
    assert counted(metrics) == {"delivery": 2.0}


async def test_a_message_that_the_outbox_does_not_hold_is_counted_as_forged(
    broker: MemoryBroker, metrics: Metrics
) -> None:
    await broker.publish_many([told(1)])
    dead_letters = CountedDeadLetters(MemoryDeadLetters(MemoryStore()), metrics)
    nothing = MemoryPublishedMessages(MemoryStore())
    consumer = EventConsumer(
        broker, PoisonedBooks(fails=True), dead_letters, nothing, lambda: None, metrics, moment
    )
    await consumer.work_on([*await anext(broker.batches(CONSUMER))])
    assert counted(metrics) == {"forged": 1.0}


async def test_what_could_not_be_stored_is_retried_and_not_counted(
    broker: MemoryBroker, metrics: Metrics
) -> None:
    await work(broker, PoisonedBooks(fails=True), ClosedDeadLetters(), metrics, told(1))
    assert counted(metrics) == {}
    assert broker.unanswered(CONSUMER) == 1

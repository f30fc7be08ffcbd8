"""Event consumer: folds a batch of events in one transaction, then acknowledges; does not linger."""

import time
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from billing_worker.inbound.acknowledgement import (
    ForgedMessage,
    acknowledge,
    dead_letter,
    hand_back,
    retry_newer,
    retry_or_expire,
)
from billing_worker.inbound.backoff import as_outage, stops_work
from billing_worker.inbound.fold_batch import fold
from egpay.adapters.nats.topology import REACTIONS
from egpay.adapters.wire import Read, read_event
from egpay.domain.errors import Outage
from egpay.domain.events import BillingEvent
from egpay.ports.books import BookKeeping
from egpay.ports.clock import Clock
from egpay.ports.dead_letters import DeadLetters
from egpay.ports.deliveries import Delivery, MessageSource, NewerMessage
from egpay.ports.published import PublishedMessages
from egpay.telemetry.metrics import Metrics

CONSUMER = REACTIONS.name


@dataclass(frozen=True, slots=True)
class EventConsumer:
    """Takes what waits (1 to 256 events), folds it over the books, and acknowledges after the commit."""

    source: MessageSource
    books: BookKeeping
    dead_letters: DeadLetters
    published: PublishedMessages
    wake_relay: Callable[[], None]
    metrics: Metrics
    clock: Clock
    read: Read[BillingEvent] = read_event

    async def run(self) -> None:
        """Consume until the source is stopped. Raises Outage when the broker is away; then it is restarted."""
        async with aclosing(self.source.batches(CONSUMER)) as batches:
            async for batch in batches:
                await self.work_on(batch)

    async def work_on(self, batch: Sequence[Delivery]) -> None:
        """Handle one batch; each of its messages ends acknowledged, to be retried, or dead-lettered."""
        started = time.perf_counter()
        try:
            readable = [(delivery, event) for delivery in batch if (event := await self._read(delivery))]
            if readable:
                await self._apply([delivery for delivery, _ in readable], [event for _, event in readable])
        except BaseException as fault:
            # a message that was answered before is recognised by its claim when it comes again
            await hand_back(batch, fault)
            raise
        self.metrics.worker_batch.labels(CONSUMER).observe(len(batch))
        self.metrics.worker_seconds.labels(CONSUMER).observe(time.perf_counter() - started)

    async def _read(self, delivery: Delivery) -> BillingEvent | None:
        try:
            return self.read(delivery.payload)
        except NewerMessage as newer:
            self._count("newer")
            self.metrics.messages_newer.labels("event").inc()
            await retry_newer(delivery, newer, self.dead_letters, self.published, at=self.clock())
        except Exception as fault:  # noqa: BLE001 - whatever its type, the other events of the batch go on
            await self._fail(delivery, fault)
        return None

    async def _apply(self, deliveries: Sequence[Delivery], events: Sequence[BillingEvent]) -> None:
        try:
            applied = await self.books.apply(
                events, fold, payloads=[delivery.payload for delivery in deliveries]
            )
        except Outage as outage:
            for delivery in deliveries:
                await self._fail(delivery, outage)
        except BaseException as fault:
            if stops_work(fault):
                raise
            # whatever it is, it belongs to one event of the batch
            await self._one_by_one(deliveries, events, fault)
        else:
            self._count("done", applied.done)
            self._count("seen", applied.seen)
            self._count("parked", len(applied.parked))
            self.metrics.dead_letters.labels("books").inc(len(applied.parked))
            for kind in applied.foreign:
                self.metrics.events_foreign.labels(kind).inc()
            self.wake_relay()
            forged = [deliveries[position] for position in applied.forged]
            await acknowledge([delivery for delivery in deliveries if delivery not in forged])
            for delivery in forged:
                await self._end_forged(delivery)

    async def _one_by_one(
        self, deliveries: Sequence[Delivery], events: Sequence[BillingEvent], fault: BaseException
    ) -> None:
        if len(deliveries) > 1:
            for delivery, event in zip(deliveries, events, strict=True):
                await self._apply([delivery], [event])
        else:
            await self._fail(deliveries[0], fault)

    async def _fail(self, delivery: Delivery, fault: BaseException) -> None:
        if (outage := as_outage(fault)) is not None:
            self._count("put_off")
            await retry_or_expire(delivery, outage, self.dead_letters, self.published, at=self.clock())
        else:
            self._count("parked")
            await dead_letter(delivery, fault, self.dead_letters, self.published)

    async def _end_forged(self, delivery: Delivery) -> None:
        self._count("forged")
        self.metrics.messages_forged.labels("event").inc()
        await dead_letter(delivery, ForgedMessage(), self.dead_letters, self.published, failed_in="forged")

    def _count(self, outcome: str, count: int = 1) -> None:
        self.metrics.worker_messages.labels(CONSUMER, outcome).inc(count)

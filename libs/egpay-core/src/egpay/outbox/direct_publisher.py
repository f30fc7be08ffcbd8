"""Direct publisher: publishes a message right after its commit, under a lease, and marks it in batches.

It does not read the outbox, and the outbox makes it safe. The row of a message is leased to this process for
a moment; what the process does not publish (the broker is away, there is too much, it dies) the relay finds
there when the lease has expired.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from egpay.adaptive_batching import AdaptiveLinger
from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.outbox.poison_messages import publish_healthy
from egpay.ports.outbox import Outbox, OutboxMessage, Publisher


class PublishMarker:
    """Publish marker: marks published rows `flush_interval` seconds later, many in one statement.

    Run `run` under supervision.
    """

    def __init__(self, outbox: Outbox, *, flush_interval: float = 0.05) -> None:
        """Start with nothing to mark."""
        self._outbox, self._flush_interval = outbox, flush_interval
        self._ids: list[MessageId] = []
        self._some = asyncio.Event()

    def add(self, ids: Iterable[MessageId]) -> None:
        """Queue ids of messages that the broker has stored."""
        self._ids += ids
        self._some.set()

    async def run(self) -> None:
        """Mark until cancelled, then mark the rest within one second."""
        try:
            while True:
                await self._some.wait()
                await asyncio.sleep(self._flush_interval)
                self._some.clear()
                # the relay publishes what is not marked once more, and the receiver recognises it by its id
                with suppress(Outage):
                    await self._mark()
        finally:
            with suppress(Outage, TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._mark()

    async def _mark(self) -> None:
        ids, self._ids = self._ids, []
        try:
            if ids:
                await self._outbox.mark_published(ids)
        except asyncio.CancelledError:
            self._ids = ids + self._ids
            raise


_log = logging.getLogger(__name__)

LEASE_SECONDS = 2.0
"""Lease of the process that commits a message, in seconds; publishing and marking it takes milliseconds."""


class DirectPublisher:
    """Direct publisher: publishes submitted messages in their order, up to `limit` at once.

    It passes their ids to `published` (see PublishMarker); run `run` under supervision. It holds at most
    `capacity` messages, each for at most `lease` seconds, and leaves the rest to the relay. When the broker
    does not take a batch, it leaves everything it holds to the relay and waits `pause` seconds before the
    next try. It calls `on_batch` with the size of each batch, for metrics.
    """

    def __init__(
        self,
        broker: Publisher,
        published: Callable[[Iterable[MessageId]], None],
        *,
        limit: int = 256,
        capacity: int = 1024,
        lease: float = LEASE_SECONDS,
        pause: float = 1.0,
        on_batch: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Start with no message held."""
        self._broker, self._tell = broker, published
        self._limit, self._capacity, self._lease = limit, capacity, lease
        self._pause = pause
        self._on_batch = on_batch
        self._held: list[tuple[OutboxMessage, float]] = []
        self._filled = asyncio.Event()
        self._adaptive_linger = AdaptiveLinger(longest=0.02)
        self._fault: str | None = None

    def submit(self, messages: Sequence[OutboxMessage]) -> None:
        """Take messages whose transaction was just committed, with a lease on each."""
        until = time.monotonic() + self._lease
        room = max(self._capacity - len(self._held), 0)
        self._held += [(message, until) for message in messages[:room]]
        if self._held:
            self._filled.set()

    async def run(self) -> None:
        """Publish what is submitted until cancelled; an error other than Outage goes to the supervisor."""
        while True:
            await self._filled.wait()
            await asyncio.sleep(0)  # the callers that wait for the commit are answered first
            batch = self._take()
            try:
                refused = {letter.message_id for letter in await publish_healthy(self._broker, batch)}
            except Outage as outage:
                self._leave_to_relay(outage, len(batch))
                await asyncio.sleep(self._pause)
            else:
                self._fault = None
                # the relay finds the refused ones in the outbox and dead-letters them, in one commit with the mark
                self._on_published([message for message in batch if message.id not in refused])
                await self._adaptive_linger.wait(len(batch))

    def _take(self) -> list[OutboxMessage]:
        """Take one batch; messages whose lease has expired are the relay's."""
        taken, self._held = self._held[: self._limit], self._held[self._limit :]
        if not self._held:
            self._filled.clear()
        now = time.monotonic()
        return [message for message, until in taken if until > now]

    def _leave_to_relay(self, outage: Outage, count: int) -> None:
        """Drop what is held while the broker is away, because the relay has the rows; log it once."""
        if self._fault is None:
            left = count + len(self._held)
            _log.warning(
                "messages are left to the relay",
                extra={"action": "left_to_relay", "reason": str(outage), "count": left},
            )
        self._fault = str(outage)
        self._held = []
        self._filled.clear()

    def _on_published(self, batch: Sequence[OutboxMessage]) -> None:
        if batch:
            self._on_batch(len(batch))
            self._tell(message.id for message in batch)

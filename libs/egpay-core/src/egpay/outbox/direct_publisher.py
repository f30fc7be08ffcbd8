"""A message that was just committed goes to the broker at once, from memory: nobody looks it up in the outbox first.

The outbox is what makes it safe. Its row is leased to us for a moment; whatever we do not come to publish (the broker
is away, there is too much, we die) the relay finds there when the lease is over.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence

from egpay.adaptive_batching import AdaptiveLinger
from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.ports.outbox import OutboxMessage, Publisher

_log = logging.getLogger(__name__)

LEASE_SECONDS = 2.0
"""Seconds for which whoever commits a message keeps it from the relay; publishing it and saying so takes milliseconds."""


class DirectPublisher:
    """Publishes what it is handed, in that order, up to `limit` messages at once, and says so to `published` (see
    Marks); run `run` under supervision.

    At most `capacity` messages are held, for `lease` seconds at most; the rest is left to the relay, as is what is held
    when the broker does not take a batch: then `pause` seconds pass before the next try. `on_batch` is told how many
    went at once, for whoever counts.
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
        """Hold nothing yet."""
        self._broker, self._tell = broker, published
        self._limit, self._capacity, self._lease = limit, capacity, lease
        self._pause = pause
        self._on_batch = on_batch
        self._held: list[tuple[OutboxMessage, float]] = []
        self._filled = asyncio.Event()
        self._adaptive_linger = AdaptiveLinger(longest=0.02)
        self._fault: str | None = None

    def submit(self, messages: Sequence[OutboxMessage]) -> None:
        """Messages whose transaction was just committed, with a lease on each."""
        until = time.monotonic() + self._lease
        room = max(self._capacity - len(self._held), 0)
        self._held += [(message, until) for message in messages[:room]]
        if self._held:
            self._filled.set()

    async def run(self) -> None:
        """Publish what is handed over, for ever. Only what is no Outage ends it: that is for its supervisor."""
        while True:
            await self._filled.wait()
            await asyncio.sleep(0)  # whoever waits for the commit is answered first
            batch = self._take()
            try:
                await self._broker.publish_many(batch)
            except Outage as outage:
                self._leave_to_relay(outage, len(batch))
                await asyncio.sleep(self._pause)
            else:
                self._fault = None
                self._on_published(batch)
                await self._adaptive_linger.wait(len(batch))

    def _take(self) -> list[OutboxMessage]:
        """As many as may go at once; those whose lease is over are the relay's."""
        taken, self._held = self._held[: self._limit], self._held[self._limit :]
        if not self._held:
            self._filled.clear()
        now = time.monotonic()
        return [message for message, until in taken if until > now]

    def _leave_to_relay(self, outage: Outage, count: int) -> None:
        """Hold nothing while the broker is away, and say so once."""
        if self._fault is None:
            left = count + len(self._held)
            _log.warning("messages are left to the relay", extra={"reason": str(outage), "count": left})
        self._fault = str(outage)
        self._held = []
        self._filled.clear()

    def _on_published(self, batch: Sequence[OutboxMessage]) -> None:
        if batch:
            self._on_batch(len(batch))
            self._tell(message.id for message in batch)

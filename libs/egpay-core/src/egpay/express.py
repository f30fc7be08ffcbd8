"""A message that was just committed goes to the broker at once, from memory: nobody looks it up in the outbox first.

The outbox is what makes it safe. Its row is leased to us for a moment; whatever we do not come to publish (the broker
is away, there is too much, we die) the relay finds there when the lease is over.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from egpay.company import Company
from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.ports.outbox import Broker, Outbox, Outgoing

_log = logging.getLogger(__name__)

LEASE = 2.0
"""Seconds for which whoever commits a message keeps it from the relay; publishing it and saying so takes milliseconds."""


class Express:
    """Publishes what it is handed, in that order, up to `limit` messages at once; run `publish` and `mark` under
    supervision.

    At most `capacity` messages are held, the rest is left to the relay, and all of it while the broker is away: then
    it looks again after `pause` seconds. What was published is marked in the outbox `settling` seconds later, many
    together. `on_batch` is told how many went at once, for whoever counts.
    """

    def __init__(
        self,
        outbox: Outbox,
        broker: Broker,
        *,
        limit: int = 256,
        capacity: int = 1024,
        pause: float = 1.0,
        settling: float = 0.05,
        on_batch: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Hold nothing yet."""
        self._outbox, self._broker = outbox, broker
        self._limit, self._capacity = limit, capacity
        self._pause, self._settling = pause, settling
        self._on_batch = on_batch
        self._held: list[Outgoing] = []
        self._published: list[MessageId] = []
        self._filled, self._unmarked = asyncio.Event(), asyncio.Event()
        self._company = Company(longest=0.02)

    def hand_over(self, messages: Sequence[Outgoing]) -> None:
        """Messages whose transaction was just committed, with a lease on each."""
        self._held += messages[: max(self._capacity - len(self._held), 0)]
        if self._held:
            self._filled.set()

    async def publish(self) -> None:
        """Publish what is handed over, for ever. Only what is no Outage ends it: that is for its supervisor."""
        while True:
            await self._filled.wait()
            batch, self._held = self._held[: self._limit], self._held[self._limit :]
            if not self._held:
                self._filled.clear()
            try:
                await self._broker.publish_many(batch)
            except Outage as outage:
                left = len(batch) + len(self._held)
                _log.warning("messages are left to the relay", extra={"reason": str(outage), "count": left})
                self._held = []
                await asyncio.sleep(self._pause)
                continue
            self._on_batch(len(batch))
            self._published += [message.id for message in batch]
            self._unmarked.set()
            await self._company.wait(len(batch))

    async def mark(self) -> None:
        """Mark what was published, for ever, and the rest of it when cancelled."""
        try:
            while True:
                await self._unmarked.wait()
                await asyncio.sleep(self._settling)
                self._unmarked.clear()
                with suppress(
                    Outage
                ):  # then the relay publishes them once more, and whoever receives them knows it
                    await self._mark()
        finally:
            with suppress(Outage, TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._mark()

    async def _mark(self) -> None:
        ids, self._published = self._published, []
        if ids:
            await self._outbox.mark_published(ids)

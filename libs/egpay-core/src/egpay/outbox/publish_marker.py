"""What the broker has is noted in the outbox, many messages at the price of one; nobody waits for it."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.ports.outbox import Outbox


class PublishMarker:
    """Marks in `outbox` what was published, `flush_interval` seconds later; run `run` under supervision."""

    def __init__(self, outbox: Outbox, *, flush_interval: float = 0.05) -> None:
        """Nothing is to be marked yet."""
        self._outbox, self._flush_interval = outbox, flush_interval
        self._ids: list[MessageId] = []
        self._some = asyncio.Event()

    def add(self, ids: Iterable[MessageId]) -> None:
        """The broker has these."""
        self._ids += ids
        self._some.set()

    async def run(self) -> None:
        """Mark, for ever, and the rest of it when cancelled."""
        try:
            while True:
                await self._some.wait()
                await asyncio.sleep(self._flush_interval)
                self._some.clear()
                # what is not marked the relay publishes once more, and whoever receives it knows it
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

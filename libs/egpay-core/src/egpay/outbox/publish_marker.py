"""Publish marker: marks published outbox rows in batches, because no caller waits for the mark."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.ports.outbox import Outbox


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

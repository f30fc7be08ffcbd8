"""Sticky connection: serves consecutive batches, so that none pays for the pool.

To acquire one from the pool and release it costs as much as a small batch.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Connection, Pool


class StickyConnection:
    """One connection of a pool, held while batches follow each other within `idle` seconds.

    It is released when nothing more comes, and whenever a batch fails: a restart of the database costs no
    more than with the pool itself, and closing the pool waits no longer than `idle`.
    """

    def __init__(self, pool: Pool, *, idle: float = 0.05) -> None:
        """Acquire no connection yet."""
        self._pool, self._idle = pool, idle
        self._kept: Connection | None = None
        self._last_used = 0.0
        self._watched = False
        self._leaving: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """The held connection, or another from the pool if it is in use or closed; released on failure."""
        connection, self._kept = self._kept, None
        if connection is not None and connection.is_closed():
            await self._pool.release(connection)
            connection = None
        if connection is None:
            connection = await self._pool.acquire(timeout=ACQUIRE_TIMEOUT)
        try:
            yield connection
        except BaseException:
            await self._pool.release(connection)
            raise
        if self._kept is None:
            self._keep(connection)
        else:
            await self._pool.release(connection)

    def _keep(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        self._kept, self._last_used = connection, loop.time()
        if not self._watched:
            self._watched = True
            loop.call_later(self._idle, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Release it when idle: one timer, however many batches there were; none while none is held."""
        self._watched = False
        if self._kept is None:
            return
        if loop.time() < self._last_used + self._idle:
            self._watched = True
            loop.call_at(self._last_used + self._idle, self._look, loop)
            return
        connection, self._kept = self._kept, None
        leaving = loop.create_task(self._pool.release(connection))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

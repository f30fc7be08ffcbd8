"""Connections: an asyncpg pool with sticky connections for the hot path, SQLAlchemy's engine for the rest.

The pool costs a third of anything above asyncpg; to acquire a connection from it and release it costs as much
as a small batch, so consecutive batches keep one.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

if TYPE_CHECKING:  # loading SQLAlchemy takes longer than a command that only reads
    from sqlalchemy import Pool as EnginePool
    from sqlalchemy.ext.asyncio import AsyncEngine

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

ACQUIRE_TIMEOUT = 2.0
"""Seconds to wait for a connection: a webhook is then refused to be retried, rather than held up."""

STATEMENT_TIMEOUT = 5.0
"""Statement timeout in seconds, enforced by the server and, if that is gone, by us."""

BY_KEY = {"enable_seqscan": "off", "plan_cache_mode": "force_generic_plan"}
"""Planner settings that force index plans, because every look-up of the hot path is by key.

A plan made while tables were small reads them whole, and stays cached: it made the books six times slower at
3,000 sales. One generic plan for all batches, because planning each costs a small batch as much again as
executing it."""


def create_pool(
    database_url: str, *, name: str, size: int = 4, statement_timeout: float = STATEMENT_TIMEOUT
) -> Pool:
    """A pool, to be entered with `async with`, of at most `size` connections, opened when first needed.

    So a service starts, and reports not ready, while the database is away. `name` shows in pg_stat_activity.
    `database_url` is a libpq URL, `postgresql://user:password@host:port/database`, also
    `?host=/socket/folder`.
    """
    return asyncpg.create_pool(
        database_url,
        min_size=0,
        max_size=size,
        timeout=ACQUIRE_TIMEOUT,
        command_timeout=statement_timeout + 1,
        max_cacheable_statement_size=0,  # those of a large batch are long, and expensive to prepare each time
        server_settings={**session_settings(name, statement_timeout), **BY_KEY},
        reset=_nothing_to_reset,
    )


def session_settings(name: str, statement_timeout: float | None) -> dict[str, str]:
    """Settings of every session: UTC, no JIT, and the statement timeout.

    UTC, so that moments in JSON read as UTC; no JIT, because compiling takes longer than any statement of
    ours."""
    settings = {"application_name": name, "timezone": "UTC", "jit": "off"}
    if statement_timeout is not None:
        settings["statement_timeout"] = f"{int(statement_timeout * 1000)}ms"
    return settings


async def _nothing_to_reset(_: object) -> None:
    """Do nothing: no session state is ever left, so the round trip of asyncpg's reset is saved."""


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


Engine: TypeAlias = "AsyncEngine"
"""What other packages pass around without importing SQLAlchemy."""


def create_engine(
    database_url: str,
    *,
    name: str,
    size: int = 8,
    queue_timeout: float = ACQUIRE_TIMEOUT,
    poolclass: "type[EnginePool] | None" = None,
    statement_timeout: float | None = STATEMENT_TIMEOUT,
) -> Engine:
    """An engine of at most `size` connections; its owner calls dispose() at the end.

    While all are in use, transactions queue in their order for one, each for `queue_timeout` seconds at most.

    asyncpg itself reads `database_url`, so that it means the same here and in the pool of the hot path.
    Errors show no values, because they are people's names and addresses. A connection is pinged before it is
    used, so that a restart of the database costs no request.
    """
    from sqlalchemy.ext.asyncio import create_async_engine

    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(
            database_url,
            timeout=ACQUIRE_TIMEOUT,
            command_timeout=None if statement_timeout is None else statement_timeout + 1,
            server_settings=session_settings(name, statement_timeout),
        )

    sizes = {} if poolclass else {"pool_size": size, "max_overflow": 0, "pool_timeout": queue_timeout}
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        hide_parameters=True,
        pool_pre_ping=poolclass is None,
        poolclass=poolclass,
        **sizes,
    )

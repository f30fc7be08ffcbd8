"""Template databases: migrates once, then copies the result to a fresh database for each test.

The work happens in a thread with an event loop of its own, so that synchronous and asynchronous tests can
both ask for a database without one loop meeting another, and so that the next copy is made while the present
test runs.
"""

import asyncio
import secrets
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

import asyncpg

Upgrade: TypeAlias = Callable[[str], Awaitable[None]]
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
T = TypeVar("T")


@dataclass(slots=True)
class Databases:
    """Holds one admin connection, and the template that every test's database is copied from."""

    admin_url: str
    template: str
    _admin: Connection
    _loop: asyncio.AbstractEventLoop
    _strategy: str
    """How a copy is made: by files costs half, but a checkpoint, which is cheap only without fsync."""
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)
    _spare: "Future[str] | None" = None
    _dropped: "list[Future[None]]" = field(default_factory=list)

    @contextmanager
    def fresh(self, *, migrated: bool = True) -> Iterator[str]:
        """Creates a database for one test; drops it soon afterwards, even with open sessions."""
        name = self._next() if migrated else self._begin(self._create("template1")).result()
        try:
            yield with_database(self.admin_url, name)
        finally:
            self._dropped.append(self._begin(self._drop(name)))

    def finish(self) -> None:
        """Drops every database that it created."""
        if self._spare is not None:
            self._dropped.append(self._begin(self._drop(self._spare.result())))
        for dropped in self._dropped:
            dropped.result()

    def _next(self) -> str:
        ready = self._spare or self._begin(self._create(self.template))
        name = ready.result()
        self._spare = self._begin(self._create(self.template))
        return name

    async def _create(self, template: str) -> str:
        name = f"test_{secrets.token_hex(6)}"
        async with self._one_at_a_time:
            await self._admin.execute(
                f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY {self._strategy}'
            )
        return name

    async def _drop(self, name: str) -> None:
        async with self._one_at_a_time:
            await self._admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _begin(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        return asyncio.run_coroutine_threadsafe(work, self._loop)


@contextmanager
def prepared(admin_url: str, upgrade: Upgrade) -> Iterator[Databases]:
    """Migrates a template once, and drops it with all its copies at the end."""
    template = f"template_{secrets.token_hex(6)}"
    with _loop_in_a_thread() as loop:

        def do(work: Coroutine[Any, Any, T]) -> T:
            return asyncio.run_coroutine_threadsafe(work, loop).result()

        admin = do(asyncpg.connect(with_database(admin_url, "postgres")))
        durable = do(admin.fetchval("SHOW fsync")) == "on"
        databases = Databases(admin_url, template, admin, loop, "wal_log" if durable else "file_copy")
        try:
            do(admin.execute(f'CREATE DATABASE "{template}"'))
            do(_await(upgrade(with_database(admin_url, template))))
            yield databases
        finally:
            databases.finish()
            do(admin.execute(f'DROP DATABASE IF EXISTS "{template}" WITH (FORCE)'))
            do(admin.close())


def with_database(url: str, database: str) -> str:
    """Returns the same login on another database of that server."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


@contextmanager
def _loop_in_a_thread() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="databases", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _await(work: Awaitable[T]) -> T:
    return await work

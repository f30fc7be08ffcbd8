"""Operator's desk: one database, one broker, a worker between them, and `egpay` in its own process."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import msgspec
import pytest
from forked_cli import CommandResult, run_forked

from billing_worker.inbound.event_consumer import EventConsumer
from egpay.adapters.nats.connection import Connection
from egpay.adapters.nats.publisher import JetStreamPublisher
from egpay.adapters.nats.source import JetStreamSource
from egpay.adapters.system.clock import utc_now
from egpay.domain.outcome import FailedEvent, Fold
from egpay.outbox.relay import Relay
from egpay.ports.books import BatchResult, BookKeeping
from egpay.telemetry.metrics import Metrics
from egpay.testing.storage import Storage


@dataclass(frozen=True, slots=True)
class EgpayCommand:
    """`egpay`, in an environment of its own (see forked_cli)."""

    env: dict[str, str] = field(default_factory=dict)

    async def __call__(self, *arguments: str, expect: int | None = 0, **more: str) -> CommandResult:
        result = await asyncio.to_thread(run_forked, arguments, {"PATH": "/usr/bin:/bin", **self.env, **more})
        assert expect in (None, result.code), result
        return result


@dataclass(frozen=True, slots=True)
class FailingBooks(BookKeeping):
    """Books whose rules fail for some events, as long as there are any in `ids`."""

    books: BookKeeping
    ids: set[str]

    async def apply(self, events: Any, fold: Fold, *, payloads: Any) -> BatchResult:
        def failing(events: Any, loaded: Any, buyer_emails: Any) -> Any:
            wrong = [event for event in events if event.id in self.ids]
            outcome = fold([event for event in events if event not in wrong], loaded, buyer_emails)
            parked = tuple(
                FailedEvent(event=event, reason="ValueError: a bug", trace="...") for event in wrong
            )
            return msgspec.structs.replace(outcome, parked=outcome.parked + parked)

        return await self.books.apply(events, failing, payloads=payloads)


@dataclass(frozen=True, slots=True)
class OperatorSystem:
    """One database, one broker, a worker between them, and the operator's program."""

    url: str
    nats_url: str
    storage: Storage
    egpay: EgpayCommand
    failing: set[str] = field(default_factory=set)

    async def ask(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.url)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()

    async def letters(self) -> list[asyncpg.Record]:
        return await self.ask("SELECT * FROM dead_letters WHERE resolved_at IS NULL ORDER BY id")

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Runs a worker's relay and event consumer, on an account that sells nothing else, until the block ends."""
        await self.ask("UPDATE installation SET adopts_since = now()")
        connection = Connection(self.nats_url, name="test")
        await connection.open()
        relay = Relay(self.storage.outbox, JetStreamPublisher(connection), poll=0.05)
        source = JetStreamSource(connection)
        loop = EventConsumer(
            source=source,
            books=FailingBooks(self.storage.books, self.failing),
            dead_letters=self.storage.dead_letters,
            published=self.storage.published,
            wake_relay=relay.wake,
            metrics=Metrics(),
            clock=utc_now,
        )
        tasks = [asyncio.create_task(relay.run()), asyncio.create_task(loop.run())]
        try:
            yield
        finally:
            source.stop()
            tasks[0].cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await connection.close()


async def until(look: Callable[[], Any], *, what: str, deadline: float = 15.0) -> Any:
    """Polls for the first truthy answer of an awaitable look."""
    found = None
    try:
        async with asyncio.timeout(deadline):
            while not (found := await look()):
                await asyncio.sleep(0.03)
    except TimeoutError:
        pytest.fail(f"{what}; last seen: {found!r}")
    return found

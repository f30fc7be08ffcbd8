"""Storage fixtures: every storage port over one set of tables, in memory or in PostgreSQL.

Contract tests and services run on either.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from egpay.adapters.postgres.books import PostgresBooks
from egpay.adapters.postgres.connection.pool import create_engine, create_pool
from egpay.adapters.postgres.dead_letters import PostgresDeadLetters
from egpay.adapters.postgres.inbox import PostgresInbox
from egpay.adapters.postgres.outbox import PostgresOutbox, PostgresPublishedMessages
from egpay.adapters.postgres.provider_lookups import PostgresSingleFlight
from egpay.adapters.postgres.sale_versions import PostgresSaleVersions
from egpay.adapters.postgres.unit_of_work import unit_of_work
from egpay.domain.events import BillingEvent
from egpay.domain.outcome import Fold
from egpay.ports.books import BatchResult, BookKeeping
from egpay.ports.dead_letters import DeadLetter, DeadLetters
from egpay.ports.inbox import Inbox
from egpay.ports.outbox import Outbox
from egpay.ports.published import PublishedMessages
from egpay.ports.rate_limiter import SingleFlight
from egpay.ports.sale_versions import SaleVersions
from egpay.ports.storage import Begin
from egpay.testing.memory import (
    MemoryBooks,
    MemoryDeadLetters,
    MemoryInbox,
    MemoryOutbox,
    MemoryPublishedMessages,
    MemorySingleFlight,
    MemoryStore,
    memory_unit_of_work,
)
from egpay.testing.memory.sale_versions import MemorySaleVersions


@dataclass(frozen=True, slots=True)
class Storage:
    """Every storage port over one set of tables; `lying_aside` reads the dead letters for assertions."""

    begin: Begin
    books: BookKeeping
    inbox: Inbox
    outbox: Outbox
    published: PublishedMessages
    dead_letters: DeadLetters
    single_flight: SingleFlight
    sale_versions: SaleVersions
    lying_aside: Callable[[], Awaitable[list[DeadLetter]]]

    async def apply(self, events: Sequence[BillingEvent], fold: Fold) -> BatchResult:
        """Apply events to the books that came over no broker."""
        return await self.books.apply(events, fold, payloads=None)


def in_memory(store: MemoryStore) -> Storage:
    """Storage over a MemoryStore, which a test may inspect."""

    async def lying_aside() -> list[DeadLetter]:
        return list(store.tables.dead_letters.values())

    return Storage(
        begin=memory_unit_of_work(store),
        books=MemoryBooks(store),
        inbox=MemoryInbox(store),
        outbox=MemoryOutbox(store),
        published=MemoryPublishedMessages(store),
        dead_letters=MemoryDeadLetters(store),
        single_flight=MemorySingleFlight(store),
        sale_versions=MemorySaleVersions(store),
        lying_aside=lying_aside,
    )


@asynccontextmanager
async def in_postgres(url: str) -> AsyncIterator[Storage]:
    """Storage over a migrated database, until the block ends."""
    engine = create_engine(url, name="test", size=4)
    async with create_pool(url, name="test", size=4) as pool:

        async def lying_aside() -> list[DeadLetter]:
            rows = await pool.fetch(
                "SELECT message_id, subject, payload, reason, trace, attempts FROM dead_letters ORDER BY id"
            )
            return [DeadLetter(**row) for row in rows]

        yield Storage(
            begin=unit_of_work(engine),
            books=PostgresBooks(pool),
            inbox=PostgresInbox(pool),
            outbox=PostgresOutbox(pool),
            published=PostgresPublishedMessages(pool),
            dead_letters=PostgresDeadLetters(pool),
            single_flight=PostgresSingleFlight(pool),
            sale_versions=PostgresSaleVersions(pool),
            lying_aside=lying_aside,
        )
    await engine.dispose()

"""Batch transaction: applies events all or nothing, and dead-letters a poison message alone."""

import traceback
from collections.abc import Mapping, Sequence

from egpay.adapters.postgres import dead_letters
from egpay.adapters.postgres.books.acts import load_acts
from egpay.adapters.postgres.books.claiming import Claimed, claim
from egpay.adapters.postgres.books.loading import load
from egpay.adapters.postgres.books.saving import letter, save
from egpay.adapters.postgres.connection import advisory_locks
from egpay.adapters.postgres.connection.error_mapping import (
    DATA_ERRORS,
    mapped_errors,
    sanitize_text,
    why_refused,
)
from egpay.adapters.postgres.connection.pool import Connection, Pool, StickyConnection
from egpay.adapters.postgres.outbox import HOLDS
from egpay.domain.acts import ActRecord
from egpay.domain.events import BillingEvent
from egpay.domain.outcome import FailedEvent, Fold
from egpay.domain.values import MessageId
from egpay.domain.working_set import RecordKeys, keys_in, keys_in_acts, keys_linked_from, resolve_sales
from egpay.ports.books import BatchResult, types_of

SEEN = "INSERT INTO processed_messages (message_id) VALUES ($1) ON CONFLICT DO NOTHING"


class PostgresBooks:
    """Port `BookKeeping`: applies batches concurrently, under advisory locks where they overlap.

    Workers whose events share a customer, a subscription or an invoice wait for each other, the others do
    not."""

    def __init__(self, pool: Pool, *, rehearsed: Mapping[MessageId, ActRecord] | None = None) -> None:
        """Work over connections of this pool; `rehearsed` are acts that a dry run asks about before they are entered."""
        self._sticky = StickyConnection(pool)
        self._rehearsed = rehearsed or {}

    async def apply(
        self, events: Sequence[BillingEvent], fold: Fold, *, payloads: Sequence[bytes] | None
    ) -> BatchResult:
        """Apply a batch in one commit; if the database refuses what an event leads to, in several.

        One of these dead-letters that event."""
        with mapped_errors():
            return await self._apply(events, payloads, fold)

    async def _apply(
        self, events: Sequence[BillingEvent], payloads: Sequence[bytes] | None, fold: Fold
    ) -> BatchResult:
        try:
            return await self._together(events, payloads, fold)
        except DATA_ERRORS as error:
            if len(events) == 1:
                return await self._park(events[0], payloads, error)
        middle = len(events) // 2
        first = await self._apply(events[:middle], payloads and payloads[:middle], fold)
        second = await self._apply(events[middle:], payloads and payloads[middle:], fold)
        return BatchResult(
            done=first.done + second.done,
            seen=first.seen + second.seen,
            parked=first.parked + second.parked,
            forged=first.forged + tuple(middle + position for position in second.forged),
            foreign=first.foreign + second.foreign,
        )

    async def _together(
        self, events: Sequence[BillingEvent], payloads: Sequence[bytes] | None, fold: Fold
    ) -> BatchResult:
        reach = keys_in(events)
        while True:
            try:
                async with self._sticky.connection() as connection, connection.transaction():
                    acts = {**await load_acts(connection, events), **self._rehearsed}
                    claimed = await claim(connection, events, payloads, reach | keys_in_acts(acts.values()))
                    return await _work(connection, events, fold, claimed, acts)
            except _ReachesFurther as more:
                reach = more.reach

    async def _park(
        self, event: BillingEvent, payloads: Sequence[bytes] | None, error: Exception
    ) -> BatchResult:
        trace = "".join(traceback.format_tb(error.__traceback__))
        parked = letter(FailedEvent(event=event, reason=why_refused(error), trace=trace))
        async with self._sticky.connection() as connection, connection.transaction():
            if payloads and not await connection.fetchval(HOLDS, sanitize_text(event.id), payloads[0]):
                return BatchResult(forged=(0,))
            await connection.execute(SEEN, sanitize_text(event.id))
            await connection.execute(dead_letters.park(1), *dead_letters.columns([parked]))
        return BatchResult(parked=(event.id,))


class _ReachesFurther(Exception):
    """Retry: the loaded records link to some that were not locked, because of a concurrent write."""

    def __init__(self, reach: RecordKeys) -> None:
        self.reach = reach


async def _work(
    connection: Connection,
    events: Sequence[BillingEvent],
    fold: Fold,
    claimed: Claimed,
    acts: Mapping[MessageId, ActRecord],
) -> BatchResult:
    forged = tuple(sorted(claimed.forged))
    genuine = [event for position, event in enumerate(events) if position not in claimed.forged]
    fresh = _first_of_each(genuine, claimed.ids)
    if not fresh:
        return BatchResult(seen=len(genuine), forged=forged)
    await connection.execute(
        advisory_locks.TAKE, advisory_locks.names(claimed.reach, unknown_sales=claimed.unknown_sales)
    )
    loaded, buyer_emails = await load(connection, claimed.reach, fresh)
    loaded.acts.update(acts)
    needed = claimed.reach | keys_linked_from(loaded)
    if needed != claimed.reach:
        raise _ReachesFurther(needed)
    outcome = fold(resolve_sales(fresh, loaded), loaded, buyer_emails)
    await save(connection, outcome)
    parked = tuple(one.event.id for one in outcome.parked)
    return BatchResult(
        done=len(fresh) - len(parked),
        seen=len(genuine) - len(fresh),
        parked=parked,
        forged=forged,
        foreign=types_of(outcome),
    )


def _first_of_each(events: Sequence[BillingEvent], claimed: frozenset[MessageId]) -> list[BillingEvent]:
    once: dict[MessageId, BillingEvent] = {}
    for event in events:
        if event.id in claimed:
            once.setdefault(event.id, event)
    return list(once.values())

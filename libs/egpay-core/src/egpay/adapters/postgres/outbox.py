"""Transactional outbox: stores messages with the decision, until the relay has published them."""

from collections.abc import Sequence

from egpay.adapters.postgres import dead_letters
from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import Pool
from egpay.adapters.postgres.connection.sticky_connection import StickyConnection
from egpay.domain.values import MessageId
from egpay.ports.outbox import Backlog, OutboxMessage, Publish

_TAKE = """
    SELECT message_id, subject, payload, traceparent FROM outbox
    WHERE published_at IS NULL AND (leased_until IS NULL OR leased_until < now()) {subjects}
    ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
"""
TAKE = _TAKE.format(subjects="")
TAKE_EVENTS = _TAKE.format(subjects="AND subject LIKE 'billing.events.%'")
"""For a login that may publish nothing else: one other row would fail its whole batch, and for ever. The condition is
that of the partial index `ix_outbox_unpublished_events`."""

# Not waiting for the disk is safe: a lost mark publishes a message twice, and the worker detects the second.
MARK = """
    UPDATE outbox SET published_at = now()
    FROM (SELECT set_config('synchronous_commit', 'off', true)) AS setting
    WHERE message_id = ANY($1::text[])
"""

# A process that locks one of them has found its lease expired, and marks it itself; one that was put back to
# be published again has no lease. `published_at IS NULL` as well would read the index of all pending rows.
MARK_LEASED = """
    UPDATE outbox SET published_at = now()
    FROM (SELECT set_config('synchronous_commit', 'off', true)) AS setting
    WHERE message_id IN (
        SELECT message_id FROM outbox
        WHERE message_id = ANY($1::text[]) AND leased_until IS NOT NULL
        FOR UPDATE SKIP LOCKED
    )
"""

BACKLOG = """
    SELECT count(*), coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8
    FROM outbox WHERE published_at IS NULL
"""


def put(first: int) -> str:
    """The SQL that inserts messages from four arrays `$first ...`, except those whose id is there."""
    ids, subjects, payloads, traces = (f"${number}" for number in range(first, first + 4))
    return f"""
        INSERT INTO outbox (message_id, subject, payload, traceparent)
        SELECT * FROM unnest({ids}::text[], {subjects}::text[], {payloads}::bytea[], {traces}::text[])
        ON CONFLICT (message_id) DO NOTHING
    """  # noqa: S608 - only numbers of parameters are put in


def columns(messages: Sequence[OutboxMessage]) -> tuple[list[str], list[str], list[bytes], list[str | None]]:
    """The four arrays for `put`."""
    return (
        [message.id for message in messages],
        [message.subject for message in messages],
        [message.payload for message in messages],
        [message.traceparent for message in messages],
    )


class PostgresOutbox:
    """Ports `Outbox` and `OutboxStats`: locks rows while it publishes them; others skip locked rows."""

    def __init__(self, pool: Pool, *, only_events: bool = False) -> None:
        """Read and mark over connections of this pool; with `only_events` no other message is taken."""
        self._sticky = StickyConnection(pool)
        self._take = TAKE_EVENTS if only_events else TAKE

    async def drain_once(self, publish: Publish, *, limit: int = 256) -> int:
        """Publish the oldest pending rows and mark them; when publishing fails, none is marked.

        Rows that cannot be published are dead-lettered in the same commit."""
        with mapped_errors():
            async with self._sticky.connection() as connection, connection.transaction():
                rows = await connection.fetch(self._take, limit)
                if rows:
                    if refused := await publish([_message(*row) for row in rows]):
                        await connection.execute(dead_letters.park(1), *dead_letters.columns(refused))
                    await connection.execute(MARK, [row[0] for row in rows])
        return len(rows)

    async def mark_published(self, ids: Sequence[MessageId]) -> None:
        """Mark leased rows published, all in one statement."""
        with mapped_errors():
            async with self._sticky.connection() as connection:
                await connection.execute(MARK_LEASED, list(ids))

    async def backlog(self) -> Backlog:
        """How many rows are pending, and how old the oldest is."""
        with mapped_errors():
            async with self._sticky.connection() as connection:
                [row] = await connection.fetch(BACKLOG)
        return Backlog(row[0], row[1])


def _message(message_id: MessageId, subject: str, payload: bytes, traceparent: str | None) -> OutboxMessage:
    return OutboxMessage(id=message_id, subject=subject, payload=payload, traceparent=traceparent)

"""Transactional outbox: stores messages with the decision, and shows afterwards what the broker has lost."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from egpay.adapters.postgres import dead_letters
from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool, StickyConnection
from egpay.domain.values import MessageId
from egpay.ports.dead_letters import DeadLetter
from egpay.ports.outbox import Backlog, OutboxMessage, Publish, sale_id_in
from egpay.ports.published import UnprocessedMessage

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

    def __init__(
        self,
        pool: Pool,
        *,
        only_events: bool = False,
        on_dead_letter: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Read and mark over connections of this pool; with `only_events` no other message is taken.

        `on_dead_letter`: called with where it failed for each message dead-lettered, once that is committed."""
        self._sticky = StickyConnection(pool)
        self._on_dead_letter = on_dead_letter
        self._take = TAKE_EVENTS if only_events else TAKE

    async def drain_once(self, publish: Publish, *, limit: int = 256) -> int:
        """Publish the oldest pending rows and mark them; when publishing fails, none is marked.

        Rows that cannot be published are dead-lettered in the same commit."""
        refused: Sequence[DeadLetter] | None = None
        with mapped_errors():
            async with self._sticky.connection() as connection, connection.transaction():
                rows = await connection.fetch(self._take, limit)
                if rows:
                    if refused := await publish([_message(*row) for row in rows]):
                        await connection.execute(dead_letters.park(1), *dead_letters.columns(refused))
                    await connection.execute(MARK, [row[0] for row in rows])
        for letter in refused or ():
            self._on_dead_letter(letter.failed_in)
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


# Not waiting for the disk is safe: a lost mark has a command carried out twice, under the same key.
WORKED_ON = """
    INSERT INTO processed_messages (message_id)
    SELECT $1 FROM (SELECT set_config('synchronous_commit', 'off', true)) AS setting
    ON CONFLICT DO NOTHING
"""

HOLDS = "SELECT EXISTS (SELECT FROM outbox WHERE message_id = $1 AND payload = $2)"

# An open dead letter is an operator's; one dropped was resolved after it was published, one replayed before.
UNWORKED = """
    SELECT message_id, subject, published_at, payload FROM outbox
    WHERE published_at >= $1 AND published_at < $2 AND subject LIKE ANY($3::text[])
      AND NOT EXISTS (SELECT FROM processed_messages AS done WHERE done.message_id = outbox.message_id)
      AND NOT EXISTS (
          SELECT FROM dead_letters AS letter WHERE letter.message_id = outbox.message_id
            AND (letter.resolved_at IS NULL OR letter.resolved_at >= outbox.published_at)
      )
    ORDER BY published_at, id LIMIT $4
"""

AGAIN = """
    UPDATE outbox SET published_at = NULL, leased_until = NULL
    WHERE message_id = ANY($1::text[]) AND published_at < $2
"""


class PostgresPublishedMessages(msgspec.Struct, frozen=True):
    """Port `PublishedMessages`: finds what was published and not processed, and publishes it again."""

    pool: Pool

    async def holds(self, message_id: MessageId, payload: bytes) -> bool:
        """Look it up by its id; an id with a character that PostgreSQL cannot store was never stored."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                return bool(await connection.fetchval(HOLDS, sanitize_text(message_id), payload))

    async def mark_processed(self, message_id: MessageId) -> None:
        """Mark a command processed, in the table where events are claimed."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                await connection.execute(WORKED_ON, sanitize_text(message_id))

    async def unprocessed(
        self, subjects: Sequence[str], *, since: datetime, until: datetime, most: int = 1000
    ) -> Sequence[UnprocessedMessage]:
        """Messages that were published, and neither processed nor dead-lettered."""
        patterns = [subject.replace("_", "\\_").replace("*", "%") for subject in subjects]
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                rows = await connection.fetch(UNWORKED, since, until, patterns, most)
        return [_unprocessed(*row) for row in rows]

    async def publish_again(self, ids: Sequence[MessageId], *, until: datetime) -> None:
        """Make the rows pending again, as if the relay had never published them."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                await connection.execute(AGAIN, list(ids), until)


def _unprocessed(
    message_id: MessageId, subject: str, published_at: datetime, payload: bytes
) -> UnprocessedMessage:
    return UnprocessedMessage(
        id=message_id, subject=subject, published_at=published_at, sale_id=sale_id_in(payload)
    )

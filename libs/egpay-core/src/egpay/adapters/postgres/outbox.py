"""Messages wait in the database until the broker has them: decided and sent can not fall apart."""

from collections.abc import Sequence

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import Pool
from egpay.adapters.postgres.connection.sticky_connection import StickyConnection
from egpay.domain.values import MessageId
from egpay.ports.outbox import Backlog, OutboxMessage, Publish

TAKE = """
    SELECT message_id, subject, payload, traceparent FROM outbox
    WHERE published_at IS NULL AND (leased_until IS NULL OR leased_until < now())
    ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
"""

# Not waiting for the disk here is safe: a mark that is lost publishes a message twice, and the worker knows it then.
MARK = """
    UPDATE outbox SET published_at = now()
    FROM (SELECT set_config('synchronous_commit', 'off', true)) AS setting
    WHERE message_id = ANY($1::text[])
"""

# Whoever else holds one of them has found its lease over, and marks it himself; one that was put back to be sent once
# more is leased to nobody. To ask for `published_at IS NULL` too would read the index of all that waits, each time.
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
    """The SQL that puts messages into the outbox, those of a known id excepted, from four arrays `$first ...`."""
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
    """Ports `Outbox` and `Waiting`: rows are locked while they are published, and others step over them."""

    def __init__(self, pool: Pool) -> None:
        """Read and mark over connections of this pool."""
        self._sticky = StickyConnection(pool)

    async def drain_once(self, publish: Publish, *, limit: int = 256) -> int:
        """Publish the oldest and mark them. When publishing fails, nothing is marked."""
        with mapped_errors():
            async with self._sticky.connection() as connection, connection.transaction():
                rows = await connection.fetch(TAKE, limit)
                if rows:
                    await publish([_message(*row) for row in rows])
                    await connection.execute(MARK, [row[0] for row in rows])
        return len(rows)

    async def mark_published(self, ids: Sequence[MessageId]) -> None:
        """All of them in one statement."""
        with mapped_errors():
            async with self._sticky.connection() as connection:
                await connection.execute(MARK_LEASED, list(ids))

    async def backlog(self) -> Backlog:
        """What waits at this moment, and how old the oldest of it is."""
        with mapped_errors():
            async with self._sticky.connection() as connection:
                [row] = await connection.fetch(BACKLOG)
        return Backlog(row[0], row[1])


def _message(message_id: MessageId, subject: str, payload: bytes, traceparent: str | None) -> OutboxMessage:
    return OutboxMessage(id=message_id, subject=subject, payload=payload, traceparent=traceparent)

"""Published messages: stay stored in the outbox, so that PostgreSQL shows what the broker has lost."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.domain.values import MessageId
from egpay.ports.outbox import sale_id_in
from egpay.ports.published import UnprocessedMessage

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

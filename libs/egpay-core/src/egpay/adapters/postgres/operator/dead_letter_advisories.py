"""Dead letters of the broker: stores what it gave up on, unless processed or dead-lettered already."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.ports.dead_letters import DeadLetter

# A worker dead-letters a message just before it terminates it, by clocks that may differ a little; and an event
# whose acknowledgement was lost again and again was processed all the same.
KEEP = """
    INSERT INTO dead_letters (message_id, subject, payload, reason, attempts, failed_in)
    SELECT given.id, $2, $3, $4, $5, given.failed_in
    FROM (
        SELECT CASE WHEN ours THEN $1 ELSE $7 END AS id, CASE WHEN ours THEN 'delivery' ELSE 'forged' END AS failed_in
        FROM (SELECT EXISTS (SELECT FROM outbox WHERE message_id = $1 AND payload = $3) AS ours) AS stored
    ) AS given
    WHERE NOT EXISTS (SELECT FROM processed_messages AS done WHERE done.message_id = given.id)
      AND NOT EXISTS (
          SELECT FROM dead_letters AS letter
          WHERE letter.message_id = given.id AND letter.updated_at > $6::timestamptz - interval '10 minutes'
      )
    ON CONFLICT (message_id) WHERE resolved_at IS NULL DO NOTHING
    RETURNING failed_in
"""


class PostgresDeadLetterAdvisories(msgspec.Struct, frozen=True):
    """Stores as dead letters the messages that the broker gave up on; calls `on_stored` with where it failed."""

    pool: Pool
    on_stored: Callable[[str], None] = lambda _: None

    async def keep(self, letter: DeadLetter, place: str, at: datetime) -> None:
        """Dead-letter it as of that moment, once; raises Outage when the database does not answer.

        What our outbox does not hold is forged, and stored under its place in the stream."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                stored = await connection.fetchval(
                    KEEP,
                    sanitize_text(letter.message_id),
                    sanitize_text(letter.subject),
                    letter.payload,
                    sanitize_text(letter.reason),
                    letter.attempts,
                    at,
                    place,
                )
        if stored:
            self.on_stored(stored)

"""Dead letters of the broker: stores what it gave up on, unless processed or dead-lettered already."""

from datetime import datetime

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.ports.dead_letters import DeadLetter

# A worker dead-letters a message just before it terminates it, by clocks that may differ a little; and an event
# whose acknowledgement was lost again and again was processed all the same.
KEEP = """
    INSERT INTO dead_letters (message_id, subject, payload, reason, attempts, failed_in)
    SELECT $1, $2, $3, $4, $5, 'delivery'
    WHERE NOT EXISTS (SELECT FROM processed_messages WHERE message_id = $1)
      AND NOT EXISTS (
          SELECT FROM dead_letters WHERE message_id = $1 AND updated_at > $6::timestamptz - interval '10 minutes'
      )
    ON CONFLICT (message_id) WHERE resolved_at IS NULL DO NOTHING
"""


class PostgresDeadLetterAdvisories(msgspec.Struct, frozen=True):
    """Stores as dead letters the messages that the broker gave up on."""

    pool: Pool

    async def keep(self, letter: DeadLetter, at: datetime) -> None:
        """Dead-letter it as of that moment, once; raises Outage when the database does not answer."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                await connection.execute(
                    KEEP,
                    sanitize_text(letter.message_id),
                    sanitize_text(letter.subject),
                    letter.payload,
                    sanitize_text(letter.reason),
                    letter.attempts,
                    at,
                )

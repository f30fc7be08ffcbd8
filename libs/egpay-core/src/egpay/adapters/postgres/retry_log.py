"""Retry log table: stores what fails now, one row a command, and deletes it when it is done."""

from collections.abc import Sequence

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.domain.values import MessageId
from egpay.ports.retries import FailedTry

# A message lives for a week at the broker, so a row that no try renewed for eight days is of a lost one; a new
# failure clears them away, which bounds the table. Not waiting for the disk: the next try writes the row again.
RECORD = """
    WITH setting AS (SELECT set_config('synchronous_commit', 'off', true)),
    lost AS (DELETE FROM retries WHERE $4::int = 1 AND failed_at < now() - interval '8 days')
    INSERT INTO retries (message_id, command, sale_id, tries, reason, first_failed_at, failed_at, next_at)
    SELECT $1::text, $2::text, $3::text, $4::int, $5::text, $6::timestamptz, $6::timestamptz, $7::timestamptz
    FROM setting
    ON CONFLICT (message_id) DO UPDATE SET
        tries = excluded.tries, reason = excluded.reason, failed_at = excluded.failed_at, next_at = excluded.next_at
"""
CLOSE = "DELETE FROM retries WHERE message_id = ANY($1::text[])"


class PostgresRetryLog(msgspec.Struct, frozen=True):
    """Port `RetryLog` over PostgreSQL."""

    pool: Pool

    async def record(self, failed: FailedTry) -> None:
        """Upsert the row."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                await connection.execute(
                    RECORD,
                    sanitize_text(failed.message_id),
                    failed.command,
                    failed.sale_id and sanitize_text(failed.sale_id),
                    failed.tries,
                    sanitize_text(failed.reason),
                    failed.failed_at,
                    failed.next_at,
                )

    async def close(self, ids: Sequence[MessageId]) -> None:
        """Delete the rows."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                await connection.execute(CLOSE, [sanitize_text(name) for name in ids])

"""App deliveries in PostgreSQL: one row for each object, leased by one worker at a time.

Saved with the event that changed the object, so that no news is lost and none is told of what was rolled back.
"""

from collections.abc import Sequence

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.domain.public_events import PublicEvent, object_of
from egpay.ports.app_deliveries import AppAnswer, AppBacklog, AppMessage
from egpay.ports.outbox import OutboxMessage

CLAIM = """
    WITH due AS (
        SELECT object FROM app_deliveries
        WHERE delivered_at IS NULL AND next_at <= now() AND (leased_until IS NULL OR leased_until < now())
        ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    UPDATE app_deliveries
    SET leased_until = now() + make_interval(secs => $2), tries = tries + 1, tried_at = now()
    FROM due WHERE app_deliveries.object = due.object
    RETURNING app_deliveries.object, message_id, payload, tries,
        extract(epoch FROM now() - waits_since)::float8
"""

# A lease that ended for newer news leaves that due: it is another message under the same object.
DELIVERED = """
    UPDATE app_deliveries SET leased_until = NULL,
        delivered_at = CASE WHEN message_id = $2 THEN now() END,
        status = CASE WHEN message_id = $2 THEN $3::integer ELSE status END,
        reason = CASE WHEN message_id = $2 THEN NULL ELSE reason END
    WHERE object = $1 AND delivered_at IS NULL
"""
POSTPONED = """
    UPDATE app_deliveries SET leased_until = NULL,
        next_at = CASE WHEN message_id = $2 THEN now() + make_interval(secs => $5) ELSE next_at END,
        status = CASE WHEN message_id = $2 THEN $3::integer ELSE status END,
        reason = CASE WHEN message_id = $2 THEN $4 ELSE reason END
    WHERE object = $1 AND delivered_at IS NULL
"""
# What was tried in the last minute is left alone, so that an endpoint that takes every second message is not flooded.
HASTEN = """
    UPDATE app_deliveries SET next_at = now() WHERE object IN (
        SELECT object FROM app_deliveries
        WHERE delivered_at IS NULL AND next_at > now() AND tried_at < now() - INTERVAL '1 minute'
          AND (status IS NULL OR status >= 500 OR status IN (408, 425, 429))
        FOR UPDATE SKIP LOCKED
    )
"""
BACKLOG = """
    SELECT count(*) AS waiting, coalesce(extract(epoch FROM now() - min(waits_since)), 0)::float8 AS oldest_seconds
    FROM app_deliveries WHERE delivered_at IS NULL
"""
OLDEST = """
    SELECT object AS oldest, status, reason, tried_at, next_at FROM app_deliveries
    WHERE delivered_at IS NULL ORDER BY waits_since, object LIMIT 1
"""


def put(first: int) -> str:
    """The SQL that makes news due, from five arrays `$first ...`, each object in one row and its newest version."""
    kinds = ("text", "text", "integer", "text", "bytea")
    arrays = ", ".join(f"${first + n}::{kind}[]" for n, kind in enumerate(kinds))
    return f"""
        INSERT INTO app_deliveries (object, type, version, message_id, payload)
        SELECT * FROM unnest({arrays})
        ON CONFLICT (object) DO UPDATE SET
            type = excluded.type, version = excluded.version, message_id = excluded.message_id,
            payload = excluded.payload, waits_since = now(), next_at = now(), tries = 0, status = NULL,
            reason = NULL, tried_at = NULL, delivered_at = NULL, updated_at = now()
        WHERE app_deliveries.version < excluded.version
    """  # noqa: S608 - only numbers of parameters are put in


def columns(
    events: Sequence[PublicEvent], messages: Sequence[OutboxMessage]
) -> tuple[list[str], list[str], list[int], list[str], list[bytes]]:
    """The five arrays for `put`, with the messages of the events; of an object's versions the newest alone."""
    newest = {object_of(event): (event, message) for event, message in zip(events, messages, strict=True)}
    told = [(name, *newest[name]) for name in sorted(newest)]
    return (
        [name for name, _, _ in told],
        [str(event.__struct_config__.tag) for _, event, _ in told],
        [event.version for _, event, _ in told],
        [event.id for _, event, _ in told],
        [message.payload for _, _, message in told],
    )


class PostgresAppDeliveries(msgspec.Struct, frozen=True):
    """Port `AppDeliveries` over the table of that name; each result is a statement of its own, so none can deadlock."""

    pool: Pool

    async def claim(self, *, most: int, lease: float) -> Sequence[AppMessage]:
        """Lease rows that are due, and skip those that another worker locks."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                rows = await connection.fetch(CLAIM, most, lease)
        return [
            AppMessage(object=name, id=key, payload=payload, tries=tries, waited=waited)
            for name, key, payload, tries, waited in rows
        ]

    async def delivered(self, message: AppMessage, answer: AppAnswer) -> None:
        """Mark the row, unless it holds a newer version by now."""
        await self._execute(DELIVERED, message.object, message.id, answer.status)

    async def postpone(self, message: AppMessage, answer: AppAnswer, *, delay: float) -> None:
        """Set the next try, unless the row holds a newer version by now."""
        await self._execute(POSTPONED, message.object, message.id, answer.status, answer.reason, delay)

    async def hasten(self) -> int:
        """Make due what an outage postponed."""
        return int((await self._execute(HASTEN)).rpartition(" ")[2])

    async def backlog(self) -> AppBacklog:
        """Count, and look at the oldest."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                [counted] = await connection.fetch(BACKLOG)
                oldest = await connection.fetch(OLDEST)
        return AppBacklog(**dict(counted), **(dict(oldest[0]) if oldest else {}))

    async def _execute(self, statement: str, *parameters: object) -> str:
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                status: str = await connection.execute(statement, *parameters)
        return status

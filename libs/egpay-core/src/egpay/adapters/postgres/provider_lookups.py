"""Single flight: coalesces concurrent lookups of one subject into one request to the provider."""

from datetime import datetime

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.domain.errors import Outage

# One statement decides: of two at once the second waits for the row, and then sees what the first wrote.
CLAIM = """
    INSERT INTO questions AS known (subject, asked_at, held_until) VALUES ($1, $3, $4)
    ON CONFLICT (subject) DO UPDATE SET asked_at = $3, held_until = $4
    WHERE CASE WHEN known.held_until IS NULL THEN known.asked_at <= $2 ELSE known.held_until <= $3 END
    RETURNING true
"""

LOOK = "SELECT held_until FROM questions WHERE subject = $1"
ANSWERED = "UPDATE questions SET held_until = NULL WHERE subject = $1"
RELEASE = "UPDATE questions SET held_until = asked_at WHERE subject = $1"


class PostgresSingleFlight(msgspec.Struct, frozen=True):
    """Port `SingleFlight`: one row a subject holds who asks, until when, and whether it is answered."""

    pool: Pool

    async def claim(self, subject: str, *, since: datetime, at: datetime, until: datetime) -> bool:
        """Claim the lookup, unless another process makes or made it."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                if await connection.fetchval(CLAIM, subject, since, at, until):
                    return True
                held_until = await connection.fetchval(LOOK, subject)
        if held_until is not None:
            raise Outage("another worker waits for the same answer", retry_after=1)
        return False

    async def answered(self, subject: str) -> None:
        """Mark it answered, for all who wanted it before it was asked."""
        await self._execute(ANSWERED, subject)

    async def release(self, subject: str) -> None:
        """Release the claim, so that the next caller asks."""
        await self._execute(RELEASE, subject)

    async def _execute(self, statement: str, subject: str) -> None:
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                await connection.execute(statement, subject)

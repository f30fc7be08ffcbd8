"""Provider status table: pauses and refusals of each provider, by the database's clock, the same for all."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.ports.provider_status import ProviderState

_STATE = """
    SELECT name, greatest(extract(epoch FROM paused_until - clock_timestamp())::float8, 0) AS paused_for,
           pause_reason, refused_since, refusal
    FROM providers
"""

PAUSE = """
    INSERT INTO providers AS known (name, paused_until, pause_reason)
    VALUES ($1, clock_timestamp() + $2::interval, $3)
    ON CONFLICT (name) DO UPDATE SET paused_until = excluded.paused_until, pause_reason = excluded.pause_reason
    WHERE known.paused_until IS NULL OR known.paused_until < excluded.paused_until
"""

# Of several at once the second waits for the row and sees what the first wrote, so that one of them is the first.
REFUSED = """
    INSERT INTO providers AS known (name, refused_since, refused_at, refusal)
    VALUES ($1, statement_timestamp(), statement_timestamp(), $2)
    ON CONFLICT (name) DO UPDATE SET
        refused_since = coalesce(known.refused_since, excluded.refused_since),
        refused_at = excluded.refused_at, refusal = excluded.refusal
    RETURNING refused_since = refused_at
"""

ACCEPTED = """
    UPDATE providers SET refused_since = NULL, refused_at = NULL, refusal = NULL
    WHERE name = $1 AND refused_since IS NOT NULL
"""


class PostgresProviderStatus(msgspec.Struct, frozen=True):
    """Port `ProviderStatus`: one row for each provider."""

    pool: Pool
    name: str

    async def state(self) -> ProviderState:
        """The row, or the state of a provider without trouble."""
        found = [state for state in await provider_states(self.pool) if state.name == self.name]
        return found[0] if found else ProviderState(name=self.name)

    async def pause(self, seconds: float, *, reason: str) -> None:
        """Pause until the later of two ends."""
        await self._write(PAUSE, timedelta(seconds=seconds), reason)

    async def refused(self, reason: str) -> bool:
        """Store the newest refusal, and since when there is one."""
        return bool(await self._write(REFUSED, reason))

    async def accepted(self) -> None:
        """End the refusal."""
        await self._write(ACCEPTED)

    async def _write(self, statement: str, *values: object) -> object:
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                return await connection.fetchval(statement, self.name, *values)


async def provider_states(pool: Pool) -> Sequence[ProviderState]:
    """The state of every provider that ever paused or refused us."""
    with mapped_errors():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            return [_state(dict(row)) for row in await connection.fetch(_STATE)]


def _state(row: dict[str, object]) -> ProviderState:
    return msgspec.convert({**row, "paused_for": row["paused_for"] or 0.0}, ProviderState)

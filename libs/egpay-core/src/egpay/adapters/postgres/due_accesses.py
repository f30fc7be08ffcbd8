"""Due accesses in PostgreSQL: grace periods that are over, and organisations from before access was stored."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.domain.values import OrganisationId, SubscriptionId
from egpay.ports.accesses import DueAccess

OVER = """
    SELECT organisation_id, subscription_id, until AS elapsed FROM access
    WHERE level = 'grace' AND until <= $1 ORDER BY until LIMIT $2
"""
MISSING = """
    SELECT organisation_id, min(id) AS subscription_id, NULL AS elapsed FROM subscriptions
    WHERE organisation_id IS NOT NULL
      AND NOT EXISTS (SELECT FROM access WHERE access.organisation_id = subscriptions.organisation_id)
    GROUP BY organisation_id ORDER BY organisation_id LIMIT $1
"""


class PostgresDueAccesses(msgspec.Struct, frozen=True):
    """Port `DueAccesses` over the table of accesses."""

    pool: Pool

    async def over(self, *, at: datetime, most: int) -> Sequence[DueAccess]:
        """Read them, the longest over first."""
        return await self._read(OVER, at, most)

    async def missing(self, *, most: int) -> Sequence[DueAccess]:
        """Read them."""
        return await self._read(MISSING, most)

    async def _read(self, query: str, *parameters: Any) -> list[DueAccess]:
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                rows = await connection.fetch(query, *parameters)
        return [
            DueAccess(
                organisation_id=OrganisationId(row["organisation_id"]),
                subscription_id=SubscriptionId(row["subscription_id"]),
                elapsed=row["elapsed"],
            )
            for row in rows
        ]

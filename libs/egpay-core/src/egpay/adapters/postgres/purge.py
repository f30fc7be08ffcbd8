"""Retention purge: deletes old rows in small transactions, through a function of the schema's owner.

Services have no right to delete anything themselves.
"""

from datetime import timedelta

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.ports.retention import PurgedTable

PURGE = "SELECT purge_aged($1, $2, $3)"


class PostgresRetention(msgspec.Struct, frozen=True):
    """Port `Retention`: deletes expired rows of one table at a time."""

    pool: Pool

    async def purge(self, what: PurgedTable, *, older_than: timedelta, most: int) -> int:
        """Purge in one transaction; an advisory lock admits one process at a time."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                return int(await connection.fetchval(PURGE, what, older_than, most))

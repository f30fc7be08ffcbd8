"""Old rows leave in small transactions, by a function of the schema's owner: services may delete nothing themselves."""

from datetime import timedelta

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.ports.retention import PurgedTable

PURGE = "SELECT purge_aged($1, $2, $3)"


class PostgresRetention(msgspec.Struct, frozen=True):
    """Port `Retention`."""

    pool: Pool

    async def purge(self, what: PurgedTable, *, older_than: timedelta, most: int) -> int:
        """One transaction; an advisory lock leaves the work to one process at a time."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                return int(await connection.fetchval(PURGE, what, older_than, most))

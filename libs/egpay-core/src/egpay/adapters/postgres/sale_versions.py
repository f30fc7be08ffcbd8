"""Sale versions: sums the counters of the rows that a sale's buyer is shown."""

from collections.abc import Collection, Mapping

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.domain.values import SaleId

# Each row counts its own changes in the statement that writes it, so that no writer has to lock another table's row;
# that it is there at all is its first one.
VERSIONS = """
    SELECT id, changes
        + coalesce((SELECT changes + 1 FROM shipments WHERE sale_id = sales.id), 0)
        + coalesce((
            SELECT sum(changes + 1) FROM subscriptions WHERE sale_id = sales.id OR id = sales.subscription_id
        ), 0)
        + (SELECT count(*) FROM emails WHERE sale_id = sales.id AND sent_at IS NOT NULL)
    FROM sales WHERE id = ANY($1::text[])
"""


class PostgresSaleVersions(msgspec.Struct, frozen=True):
    """Port `SaleVersions` over the tables of a sale, by their keys and indexes."""

    pool: Pool

    async def of(self, sales: Collection[SaleId]) -> Mapping[SaleId, int]:
        """Read them in one statement."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                found = await connection.fetch(VERSIONS, list(sales))
        return {SaleId(key): int(version) for key, version in found}

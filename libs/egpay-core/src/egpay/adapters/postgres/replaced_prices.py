"""Replaced prices in PostgreSQL: which may be archived, one statement for the worker's job and the operator's command."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.ports.replaced_prices import ARCHIVED_AFTER

ARCHIVABLE = """
    SELECT id FROM prices
    WHERE active AND replaced_at <= $1 AND NOT EXISTS (
        SELECT FROM sale_lines JOIN sales ON sales.id = sale_lines.sale_id
        WHERE sale_lines.price = prices.id AND sales.checkout_expires_at > $2
    )
    ORDER BY created_at, id
"""
ARCHIVED = "UPDATE prices SET active = false WHERE id = $1 AND replaced_at IS NOT NULL"


class PostgresReplacedPrices(msgspec.Struct, frozen=True):
    """Port `ReplacedPrices` over the table of prices."""

    pool: Pool

    async def archivable(self, *, at: datetime) -> Sequence[str]:
        """Read them."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                rows = await connection.fetch(ARCHIVABLE, at - ARCHIVED_AFTER, at)
        return [str(row["id"]) for row in rows]

    async def archived(self, price: str) -> None:
        """Mark it."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                await connection.execute(ARCHIVED, price)

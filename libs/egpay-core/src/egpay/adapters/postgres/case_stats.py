"""Case statistics: counts the open cases by kind, with the age of the oldest, for the metrics."""

from collections.abc import Mapping

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.domain.case import CaseKind
from egpay.ports.cases import OpenCases

OPEN = """
    SELECT kind, count(*) AS count, greatest(0, extract(epoch FROM now() - min(opened_at)))::float8 AS oldest_seconds
    FROM cases WHERE closed_at IS NULL GROUP BY kind
"""


class PostgresCaseStats(msgspec.Struct, frozen=True):
    """Port `CaseStats` over PostgreSQL."""

    pool: Pool

    async def open_cases(self) -> Mapping[CaseKind, OpenCases]:
        """Count the open cases by kind; the partial index has no other rows."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                rows = await connection.fetch(OPEN)
        return {
            CaseKind(row["kind"]): OpenCases(count=row["count"], oldest_seconds=row["oldest_seconds"])
            for row in rows
        }

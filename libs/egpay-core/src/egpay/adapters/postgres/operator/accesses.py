"""Operator's accesses: what organisations may use, as the worker has stored it."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from egpay.adapters.postgres.books.loading import fields
from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.adapters.postgres.unit_of_work.rows import value
from egpay.domain.access import Access, AccessLevel
from egpay.ports.accesses import AccessRecord

RECORDS = f"""
    SELECT {fields(Access, "access")}, organisations.name AS organisation, ARRAY(
        SELECT id FROM subscriptions WHERE subscriptions.organisation_id = access.organisation_id
        ORDER BY started_at NULLS LAST, id
    ) AS subscriptions
    FROM access JOIN organisations ON organisations.id = access.organisation_id
"""  # noqa: S608 - built from names of fields only
# A grace period that has ended counts as none, also before the worker has stored it.
LISTED = text(f"""
    {RECORDS}
    WHERE CAST(:level AS text) IS NULL
       OR CASE WHEN level = 'grace' AND until <= now() THEN 'none' ELSE level END = :level
    ORDER BY organisations.name, access.organisation_id
""")
ONE = text(f"""
    {RECORDS}
    WHERE access.organisation_id = :name OR access.organisation_id IN (
        SELECT organisation_id FROM subscriptions WHERE id = :name OR sale_id = :name
    )
    ORDER BY access.organisation_id LIMIT 1
""")  # noqa: S608 - the same


class PostgresAccessQueries(msgspec.Struct, frozen=True):
    """Port `AccessQueries` over PostgreSQL."""

    engine: AsyncEngine

    async def accesses(self, level: AccessLevel | None) -> Sequence[AccessRecord]:
        """Read them by name."""
        return await self._read(LISTED, {"level": level.value if level else None})

    async def of(self, name: str) -> AccessRecord | None:
        """Read one, by any of these ids."""
        return next(iter(await self._read(ONE, {"name": sanitize_text(name)})), None)

    async def _read(self, query: Any, parameters: dict[str, Any]) -> list[AccessRecord]:
        with mapped_errors():
            async with self.engine.connect() as connection:
                found = (await connection.execute(query, parameters)).mappings()
                return [
                    AccessRecord(
                        access=value(one, Access),
                        organisation=one["organisation"],
                        subscriptions=tuple(one["subscriptions"]),
                    )
                    for one in found
                ]

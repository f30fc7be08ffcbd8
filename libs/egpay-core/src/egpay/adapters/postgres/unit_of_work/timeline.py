"""Timeline: what happened to sales, subscriptions and payments, an entry each."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters.postgres.schema.tables import timeline
from egpay.adapters.postgres.unit_of_work.rows import columns, row, value
from egpay.domain.timeline import Entry
from egpay.domain.values import SaleId


class PostgresTimeline(msgspec.Struct, frozen=True):
    """Port `Timeline` over the table of entries."""

    connection: AsyncConnection

    async def note(self, *entries: Entry) -> None:
        """Append entries."""
        if entries:
            await self.connection.execute(insert(timeline), [row(entry) for entry in entries])

    async def of(self, sale_id: SaleId) -> Sequence[Entry]:
        """Entries of a sale, oldest first; those of one moment in the order in which they were written."""
        query = (
            select(*columns(timeline, Entry))
            .where(or_(timeline.c.sale_id == sale_id, timeline.c.subject == sale_id))
            .order_by(timeline.c.at, timeline.c.id)
        )
        return [value(found, Entry) for found in (await self.connection.execute(query)).mappings()]

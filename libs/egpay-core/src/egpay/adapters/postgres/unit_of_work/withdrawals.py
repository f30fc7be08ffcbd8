"""Withdrawal repository: one row for each declaration."""

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters.postgres.schema.tables import withdrawals
from egpay.adapters.postgres.unit_of_work.rows import columns, row, value
from egpay.domain.withdrawal import Withdrawal, WithdrawalId


class PostgresWithdrawals(msgspec.Struct, frozen=True):
    """Port `Withdrawals` over its table."""

    connection: AsyncConnection

    async def add(self, withdrawal: Withdrawal, *, most: int) -> Withdrawal | None:
        """Insert it; two at once may make one more than the most, which harms no one."""
        if known := await self.find(withdrawal.id):
            return known
        of_sale = select(func.count()).where(withdrawals.c.sale_id == withdrawal.sale_id)
        if (await self.connection.scalar(of_sale) or 0) >= most:
            return None
        new = insert(withdrawals).values(**row(withdrawal)).on_conflict_do_nothing(index_elements=["id"])
        await self.connection.execute(new)
        return await self.find(withdrawal.id)

    async def find(self, withdrawal: WithdrawalId) -> Withdrawal | None:
        """Load it by its id."""
        query = select(*columns(withdrawals, Withdrawal)).where(withdrawals.c.id == withdrawal)
        found = (await self.connection.execute(query)).mappings().one_or_none()
        return None if found is None else value(found, Withdrawal)

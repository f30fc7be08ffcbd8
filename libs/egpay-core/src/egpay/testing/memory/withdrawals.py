"""In-memory withdrawals."""

from dataclasses import dataclass

from egpay.domain.withdrawal import Withdrawal, WithdrawalId
from egpay.testing.memory.store import Tables


@dataclass(frozen=True, slots=True)
class MemoryWithdrawals:
    """Port `Withdrawals` over tables in memory."""

    tables: Tables

    async def add(self, withdrawal: Withdrawal, *, most: int) -> Withdrawal | None:
        """Store it, unless there are too many."""
        rows = self.tables.withdrawals
        if withdrawal.id not in rows:
            if sum(one.sale_id == withdrawal.sale_id for one in rows.values()) >= most:
                return None
            rows[withdrawal.id] = withdrawal
        return rows[withdrawal.id]

    async def find(self, withdrawal: WithdrawalId) -> Withdrawal | None:
        """Look it up."""
        return self.tables.withdrawals.get(withdrawal)

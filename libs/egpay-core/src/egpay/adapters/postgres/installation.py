"""Installation in PostgreSQL: its id, drawn once by the migration, read once by a process."""

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.domain.foreign import PartRefund, RefundEnds

ID = "SELECT id FROM installation"
ADOPT = """
    UPDATE installation SET adopts_since = CASE WHEN $1 THEN coalesce(adopts_since, now()) END
    WHERE (adopts_since IS NOT NULL) <> $1
"""
REFUND_ENDS = """
    UPDATE installation SET refund_ends_subscription = $1 WHERE refund_ends_subscription <> $1
"""
PART_REFUND = "UPDATE installation SET part_refund = $1 WHERE part_refund <> $1"

GRACE = "UPDATE installation SET access_grace_days = $1 WHERE access_grace_days <> $1"


class PostgresInstallation:
    """Reads the installation's id, and stores which settings its rules follow."""

    def __init__(self, pool: Pool) -> None:
        """Read over connections of this pool."""
        self._pool = pool
        self._id: str | None = None

    def known(self) -> str | None:
        """The id, None until it was read; the worker judges what comes before."""
        return self._id

    async def load(self) -> str:
        """Read the id at the first call; raises Outage without the database."""
        if self._id is None:
            with mapped_errors():
                async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                    self._id = str(await connection.fetchval(ID))
        return self._id

    async def adopt(self, *, every_subscription: bool) -> None:
        """Store the setting, with the time of its switch; raises Outage without the database."""
        with mapped_errors():
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                await connection.execute(ADOPT, every_subscription)

    async def end_refunded_subscriptions(self, how: RefundEnds) -> None:
        """Store the setting; raises Outage without the database."""
        with mapped_errors():
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                await connection.execute(REFUND_ENDS, how.value)

    async def ship_after_part_refunds(self, how: PartRefund) -> None:
        """Store the setting; raises Outage without the database."""
        with mapped_errors():
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                await connection.execute(PART_REFUND, how.value)

    async def grant_grace(self, *, days: int) -> None:
        """Store the days of grace of an overdue account; raises Outage without the database."""
        with mapped_errors():
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                await connection.execute(GRACE, days)

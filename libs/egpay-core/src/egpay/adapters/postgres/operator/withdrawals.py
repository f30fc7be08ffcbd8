"""Withdrawal listing: what was declared about one sale, word for word, for the operator who has its case."""

import msgspec

from egpay.adapters.postgres.books.loading import fields
from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.domain.values import SaleId
from egpay.domain.withdrawal import Withdrawal

DECLARED = f"SELECT {fields(Withdrawal)} FROM withdrawals WHERE sale_id = $1 ORDER BY declared_at, id"  # noqa: S608


async def list_withdrawals(pool: Pool, sale_id: SaleId) -> list[Withdrawal]:
    """Load the declarations about a sale, oldest first. Raises Outage when the database does not answer."""
    with mapped_errors():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            found = await connection.fetch(DECLARED, sanitize_text(sale_id))
    return [msgspec.convert(dict(one), Withdrawal) for one in found]

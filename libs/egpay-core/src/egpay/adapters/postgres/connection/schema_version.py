"""Whether the database is as new as the program: a service that finds it behind does not take traffic."""

import asyncpg

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool

HEAD = "0014"
"""The newest revision, by heart: services need not load Alembic to know it (a test compares the two)."""


async def current(pool: Pool) -> str | None:
    """The revision the database is at; None when it was never migrated. Raises Outage when it does not answer."""
    with mapped_errors():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            try:
                revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
            except asyncpg.UndefinedTableError:
                return None
    return revision


async def behind(pool: Pool) -> str | None:
    """What is wrong with the schema, in one sentence, or None; raises Outage when the database does not answer. A
    newer one is fine: migrations only add."""
    revision = await current(pool)
    if revision is None:
        return "the database was never migrated; run `egpay migrate`"
    if revision < HEAD:
        return f"the database is at revision {revision}, this program needs {HEAD}; run `egpay migrate`"
    return None

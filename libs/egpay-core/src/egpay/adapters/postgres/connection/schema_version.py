"""Schema version check: reports a database older than the program, so that it takes no traffic."""

import asyncpg

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool

HEAD = "0035"
"""The newest revision, written out so that services need not load Alembic (a test compares the two)."""


async def current(pool: Pool) -> str | None:
    """The revision of the database, None when it was never migrated; raises Outage without an answer."""
    with mapped_errors():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            try:
                revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
            except asyncpg.UndefinedTableError:
                return None
    return revision


async def behind(pool: Pool) -> str | None:
    """What is wrong with the schema, in one sentence, or None; raises Outage without an answer.

    A newer schema is fine: migrations only add."""
    revision = await current(pool)
    if revision is None:
        return "the database was never migrated; run `egpay migrate`"
    if revision < HEAD:
        return f"the database is at revision {revision}, this program needs {HEAD}; run `egpay migrate`"
    return None

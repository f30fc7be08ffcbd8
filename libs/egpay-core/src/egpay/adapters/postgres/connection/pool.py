"""Connections for the hot path: raw asyncpg, a third of the cost of anything above it."""

from typing import TypeAlias

import asyncpg

from egpay.adapters.postgres.connection.error_mapping import mapped_errors

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

ACQUIRE_TIMEOUT = 2.0
"""Seconds to wait for a connection: a webhook's sender is told to come back rather than kept waiting."""

STATEMENT_TIMEOUT = 5.0
"""Seconds after which a statement is given up, by the server and, should that be gone, by us."""

BY_KEY = {"enable_seqscan": "off", "plan_cache_mode": "force_generic_plan"}
"""Every look-up of the hot path is by key, but a plan made while tables were small reads them whole, and is kept: it
made the books six times slower at 3,000 sales. One plan for all batches, because making a new one for each costs a
small batch as much again as carrying it out."""


def create_pool(
    database_url: str, *, name: str, size: int = 4, statement_timeout: float = STATEMENT_TIMEOUT
) -> Pool:
    """A pool to be entered with `async with`: `size` connections at most, opened when first needed, so that a
    service starts, and says it is not ready, while the database is away. `name` shows in pg_stat_activity.

    `database_url` is a libpq URL, `postgresql://user:password@host:port/database`, also `?host=/socket/folder`.
    """
    return asyncpg.create_pool(
        database_url,
        min_size=0,
        max_size=size,
        timeout=ACQUIRE_TIMEOUT,
        command_timeout=statement_timeout + 1,
        max_cacheable_statement_size=0,  # those of a large batch are long, and dear to prepare each time
        server_settings={**session_settings(name, statement_timeout), **BY_KEY},
        reset=_nothing_to_reset,
    )


def session_settings(name: str, statement_timeout: float | None) -> dict[str, str]:
    """What every session of ours has in common. UTC, so that moments in JSON read as UTC; no JIT, whose compiling
    takes longer than any statement of ours."""
    settings = {"application_name": name, "timezone": "UTC", "jit": "off"}
    if statement_timeout is not None:
        settings["statement_timeout"] = f"{int(statement_timeout * 1000)}ms"
    return settings


async def ping(pool: Pool) -> None:
    """Raise Outage when something stands between us and the database."""
    with mapped_errors():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            await connection.execute("SELECT 1")


async def _nothing_to_reset(_: object) -> None:
    """No session state is ever left behind here, so the round trip that asyncpg spends on wiping it is saved."""

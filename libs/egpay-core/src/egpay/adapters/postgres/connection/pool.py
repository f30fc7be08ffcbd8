"""asyncpg connection pool for the hot path: costs a third of anything above asyncpg."""

from typing import TypeAlias

import asyncpg

from egpay.adapters.postgres.connection.error_mapping import mapped_errors

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"

ACQUIRE_TIMEOUT = 2.0
"""Seconds to wait for a connection: a webhook is then refused to be retried, rather than held up."""

STATEMENT_TIMEOUT = 5.0
"""Statement timeout in seconds, enforced by the server and, if that is gone, by us."""

BY_KEY = {"enable_seqscan": "off", "plan_cache_mode": "force_generic_plan"}
"""Planner settings that force index plans, because every look-up of the hot path is by key.

A plan made while tables were small reads them whole, and stays cached: it made the books six times slower at
3,000 sales. One generic plan for all batches, because planning each costs a small batch as much again as
executing it."""


def create_pool(
    database_url: str, *, name: str, size: int = 4, statement_timeout: float = STATEMENT_TIMEOUT
) -> Pool:
    """A pool, to be entered with `async with`, of at most `size` connections, opened when first needed.

    So a service starts, and reports not ready, while the database is away. `name` shows in pg_stat_activity.
    `database_url` is a libpq URL, `postgresql://user:password@host:port/database`, also
    `?host=/socket/folder`.
    """
    return asyncpg.create_pool(
        database_url,
        min_size=0,
        max_size=size,
        timeout=ACQUIRE_TIMEOUT,
        command_timeout=statement_timeout + 1,
        max_cacheable_statement_size=0,  # those of a large batch are long, and expensive to prepare each time
        server_settings={**session_settings(name, statement_timeout), **BY_KEY},
        reset=_nothing_to_reset,
    )


def session_settings(name: str, statement_timeout: float | None) -> dict[str, str]:
    """Settings of every session: UTC, no JIT, and the statement timeout.

    UTC, so that moments in JSON read as UTC; no JIT, because compiling takes longer than any statement of
    ours."""
    settings = {"application_name": name, "timezone": "UTC", "jit": "off"}
    if statement_timeout is not None:
        settings["statement_timeout"] = f"{int(statement_timeout * 1000)}ms"
    return settings


async def ping(pool: Pool) -> None:
    """Raise Outage unless the database answers."""
    with mapped_errors():
        async with pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
            await connection.execute("SELECT 1")


async def _nothing_to_reset(_: object) -> None:
    """Do nothing: no session state is ever left, so the round trip of asyncpg's reset is saved."""

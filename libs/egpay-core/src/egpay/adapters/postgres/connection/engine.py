"""SQLAlchemy Core engine over asyncpg: connections for everything outside the hot path."""

from typing import TypeAlias

import asyncpg
from sqlalchemy import Pool
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, STATEMENT_TIMEOUT, session_settings

Engine: TypeAlias = AsyncEngine
"""What other packages pass around without importing SQLAlchemy."""


def create_engine(
    database_url: str,
    *,
    name: str,
    size: int = 8,
    queue_timeout: float = ACQUIRE_TIMEOUT,
    poolclass: type[Pool] | None = None,
    statement_timeout: float | None = STATEMENT_TIMEOUT,
) -> Engine:
    """An engine of at most `size` connections; its owner calls dispose() at the end.

    While all are in use, transactions queue in their order for one, each for `queue_timeout` seconds at most.

    asyncpg itself reads `database_url`, so that it means the same here and in the pool of the hot path.
    Errors show no values, because they are people's names and addresses. A connection is pinged before it is
    used, so that a restart of the database costs no request.
    """

    async def connect() -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(
            database_url,
            timeout=ACQUIRE_TIMEOUT,
            command_timeout=None if statement_timeout is None else statement_timeout + 1,
            server_settings=session_settings(name, statement_timeout),
        )

    sizes = {} if poolclass else {"pool_size": size, "max_overflow": 0, "pool_timeout": queue_timeout}
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        hide_parameters=True,
        pool_pre_ping=poolclass is None,
        poolclass=poolclass,
        **sizes,
    )

"""Of all workers one looks for what was missed: the others would only ask the provider the same again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, session_settings


class PostgresLeaderLock(msgspec.Struct, frozen=True):
    """Port `Leadership`: an advisory lock on a connection of its own, which ends with whoever held it,
    however they ended. Should the connection be lost while the block goes on, two may lead: whatever they do
    must bear it."""

    database_url: str
    name: str

    @asynccontextmanager
    async def held(self) -> AsyncIterator[bool]:
        """True for the one who holds the lock."""
        with mapped_errors():
            connection = await asyncpg.connect(
                self.database_url,
                timeout=ACQUIRE_TIMEOUT,
                server_settings=session_settings(f"leader-{self.name}", None),
            )
        try:
            with mapped_errors():
                leads: bool = await connection.fetchval(
                    "SELECT pg_try_advisory_lock(hashtextextended($1, 0))", f"leader:{self.name}"
                )
            yield leads
        finally:
            connection.terminate()

"""Leader election by advisory lock: one worker reconciles, others would only repeat its requests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, session_settings


class PostgresLeaderLock(msgspec.Struct, frozen=True):
    """Port `LeaderLock`: an advisory lock on a connection of its own, which ends with its process.

    If the connection is lost while the block goes on, two may lead: the work must tolerate that."""

    database_url: str
    name: str

    @asynccontextmanager
    async def held(self) -> AsyncIterator[bool]:
        """Try the lock for a block; true if this process leads."""
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

"""Operator's app deliveries: how far the product was told of an object, and all of it once more."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

import msgspec
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.adapters.postgres.schema.tables import timeline
from egpay.adapters.postgres.unit_of_work.rows import row, value
from egpay.adapters.wire import PUBLIC
from egpay.domain.timeline import Entry
from egpay.domain.values import OrganisationId
from egpay.ports.app_deliveries import AppDeliveryState, OpenAppReplay

_STATE = text("""
    SELECT version, delivered_at, tries, status, reason, next_at FROM app_deliveries WHERE object = :object
""")
_CHOSEN = """
    WITH held AS (
        SELECT id, sale_id FROM subscriptions WHERE organisation_id = :organisation
    ), sold AS (
        SELECT sale_id AS id FROM held WHERE sale_id IS NOT NULL
        UNION SELECT id FROM sales WHERE organisation_id = :organisation
    ), chosen AS (
        SELECT object FROM app_deliveries
        WHERE (CAST(:since AS timestamptz) IS NULL OR updated_at >= :since)
          AND (CAST(:organisation AS text) IS NULL OR object IN (
            SELECT 'organisation:' || CAST(:organisation AS text) UNION SELECT 'access:' || :organisation
            UNION SELECT 'subscription:' || id FROM held
            UNION SELECT 'sale:' || id FROM sold UNION SELECT 'shipment:' || id FROM sold
          ))
        ORDER BY object COLLATE "C" {lock}
    )
"""
_COUNT = text(_CHOSEN.format(lock="") + "SELECT count(*) FROM chosen")  # noqa: S608 - as below
# Rows are locked in the order of the workers' own writes, so that neither waits for the other in a circle.
_AGAIN = text(f"""
    {_CHOSEN.format(lock="FOR UPDATE")}, due AS (
        UPDATE app_deliveries
        SET message_id = regexp_replace(message_id, '[.]again[.].*$', '') || '.again.' || :mark,
            waits_since = now(), next_at = now(), tries = 0, delivered_at = NULL
        FROM chosen WHERE app_deliveries.object = chosen.object
        RETURNING message_id, type, payload
    ), published AS (
        INSERT INTO outbox (message_id, subject, payload)
        SELECT message_id, '{PUBLIC}.' || type, payload FROM due
    )
    SELECT count(*) FROM due
""")  # noqa: S608 - built from constants of ours only


class PostgresAppReplay(msgspec.Struct, frozen=True):
    """Port `AppReplay` over one connection."""

    connection: AsyncConnection

    async def count(self, organisation: OrganisationId | None, since: datetime | None) -> int:
        """Count without locking."""
        given = {"organisation": organisation, "since": since}
        return int(await self.connection.scalar(_COUNT, given) or 0)

    async def tell_again(
        self, organisation: OrganisationId | None, since: datetime | None, *, mark: str
    ) -> int:
        """Change the rows, and insert their messages into the outbox."""
        given = {"organisation": organisation, "since": since, "mark": mark}
        return int(await self.connection.scalar(_AGAIN, given) or 0)

    async def note(self, entry: Entry) -> None:
        """Append a timeline entry."""
        await self.connection.execute(insert(timeline).values(**row(entry)))


def open_app_replay(engine: AsyncEngine) -> OpenAppReplay:
    """Open transactions on this engine."""
    return partial(_transaction, engine)


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator[PostgresAppReplay]:
    with mapped_errors():
        async with engine.begin() as connection:
            yield PostgresAppReplay(connection)


async def delivery_state(engine: AsyncEngine, of: str) -> AppDeliveryState | None:
    """How far the product was told of an object; None when there is nothing to tell."""
    with mapped_errors():
        async with engine.connect() as connection:
            given = {"object": sanitize_text(of)}
            found = (await connection.execute(_STATE, given)).mappings().one_or_none()
    return None if found is None else value(found, AppDeliveryState)

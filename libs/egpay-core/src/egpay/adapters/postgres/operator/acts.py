"""Act transaction: writes the act, its event in the inbox and its message in the outbox in one commit."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial

import msgspec
from sqlalchemy import ARRAY, Select, Text, cast, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from egpay.adapters import wire
from egpay.adapters.postgres.connection import advisory_locks
from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.schema.tables import operator_acts, outbox, webhook_events
from egpay.adapters.postgres.unit_of_work.rows import columns, value
from egpay.domain.acts import Act
from egpay.domain.corrections import CorrectedAddress
from egpay.domain.events import ActBase, AddressCorrected
from egpay.domain.values import MessageId, SaleId
from egpay.ports.acts import OpenActs, StoredAct
from egpay.ports.inbox import Disposition

_STORED = select(*columns(operator_acts, StoredAct))
_CORRECTIONS = (
    select(operator_acts.c.at, operator_acts.c.arguments["address"].label("address"))
    .where(operator_acts.c.kind == str(AddressCorrected.__struct_config__.tag))
    .order_by(operator_acts.c.at.desc())
    .limit(1)
)

# What was entered and no worker has worked on yet; what is older than a day waits for a person, or was purged.
_AWAITED = text("""
    SELECT key FROM operator_acts
    WHERE subject = :subject AND kind = :kind AND at > now() - interval '1 day'
      AND NOT EXISTS (SELECT FROM processed_messages AS done WHERE done.message_id = key)
      AND NOT EXISTS (SELECT FROM dead_letters AS letter WHERE letter.message_id = key)
    ORDER BY at DESC LIMIT 1
""")


def open_acts(engine: AsyncEngine) -> OpenActs:
    """Open transactions on this engine."""
    return partial(_transaction, engine)


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator["PostgresActs"]:
    with mapped_errors():
        async with engine.begin() as connection:
            yield PostgresActs(connection)


async def newest_correction(engine: AsyncEngine, sale_id: SaleId) -> CorrectedAddress | None:
    """The newest correction of an address that was entered, whether or not a worker has folded it yet."""
    query = _CORRECTIONS.where(operator_acts.c.subject == sale_id)
    with mapped_errors():
        async with engine.connect() as connection:
            found = (await connection.execute(query)).mappings().one_or_none()
    return None if found is None else value(found, CorrectedAddress)


async def awaited_act(engine: AsyncEngine, kind: type[ActBase], subject: str) -> MessageId | None:
    """The key of the newest act of this kind on this subject that was entered, and that no worker has seen yet."""
    given = {"kind": str(kind.__struct_config__.tag), "subject": subject}
    with mapped_errors():
        async with engine.connect() as connection:
            found: MessageId | None = await connection.scalar(_AWAITED, given)
    return found


class PostgresActs(msgspec.Struct, frozen=True):
    """Port `ActTransaction` over one connection."""

    connection: AsyncConnection

    async def lock(self, act: Act) -> None:
        """Take the locks of the key and of the subject, which no worker takes."""
        names = [f"act:{act.key}", f"acts-on:{act.event.subject}"]
        await self.connection.exec_driver_sql(advisory_locks.TAKE, (names,))

    async def of_key(self, key: MessageId) -> StoredAct | None:
        """Load an act."""
        return await self._one(_STORED.where(operator_acts.c.key == key))

    async def equal_since(self, act: Act, since: datetime) -> StoredAct | None:
        """Load the newest equal act, by the order-insensitive equality of JSONB."""
        equal = _STORED.where(
            operator_acts.c.subject == act.event.subject,
            operator_acts.c.kind == act.kind,
            operator_acts.c.arguments.op("-")(cast(sorted(act.seen), ARRAY(Text)))
            == cast(act.decided, JSONB),
            operator_acts.c.at > since,
        )
        return await self._one(equal.order_by(operator_acts.c.at.desc()).limit(1))

    async def enter(self, act: Act) -> None:
        """Insert the three rows; the relay of a worker publishes the message."""
        event, message = act.event, wire.event_message(act.event)
        row = {
            "key": act.key,
            "kind": act.kind,
            "subject": event.subject,
            "sale_id": event.sale_id,
            "who": act.who,
            "why": act.why,
            "arguments": act.arguments,
            "at": event.occurred_at,
        }
        received = {
            "source": event.source,
            "event_id": act.key,
            "type": act.kind,
            "occurred_at": event.occurred_at,
            "disposition": Disposition.ACCEPTED,
            "sale_id": event.sale_id,
            "body": message.payload,
        }
        published = {"message_id": message.id, "subject": message.subject, "payload": message.payload}
        for table, values in ((operator_acts, row), (webhook_events, received), (outbox, published)):
            await self.connection.execute(insert(table).values(**values))

    async def _one(self, query: Select[tuple[object, ...]]) -> StoredAct | None:
        found = (await self.connection.execute(query)).mappings().one_or_none()
        return None if found is None else value(found, StoredAct)

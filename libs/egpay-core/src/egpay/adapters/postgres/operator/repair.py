"""Repair transaction: replays, resolves and records it in the timeline, all or nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from egpay.adapters import wire
from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.adapters.postgres.operator.operator_queries import LETTERS, WEBHOOKS
from egpay.adapters.postgres.schema.tables import (
    dead_letters,
    outbox,
    processed_messages,
    timeline,
    webhook_events,
)
from egpay.adapters.postgres.unit_of_work.rows import row, value
from egpay.domain.events import BillingEvent, Source
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId
from egpay.ports.inbox import Receipt
from egpay.ports.operator_queries import DeadLetterRecord, StoredWebhook
from egpay.ports.outbox import OutboxMessage
from egpay.ports.repair import OpenRepair

S = TypeVar("S", bound=msgspec.Struct)


def open_repair(engine: AsyncEngine) -> OpenRepair:
    """Open transactions on this engine."""
    return partial(_transaction, engine)


@asynccontextmanager
async def _transaction(engine: AsyncEngine) -> AsyncIterator["PostgresRepair"]:
    with mapped_errors():
        async with engine.begin() as connection:
            yield PostgresRepair(connection)


class PostgresRepair(msgspec.Struct, frozen=True):
    """Port `RepairTransaction` over one connection."""

    connection: AsyncConnection

    async def hold_letter(self, number: int) -> DeadLetterRecord | None:
        """Lock and load a dead letter."""
        return await self._one(LETTERS.where(dead_letters.c.id == number).with_for_update(), DeadLetterRecord)

    async def letter_about(self, message_id: MessageId) -> int | None:
        """The number of a message's unresolved dead letter."""
        lying = dead_letters.c.resolved_at.is_(None)
        query = select(dead_letters.c.id).where(dead_letters.c.message_id == sanitize_text(message_id), lying)
        number: int | None = await self.connection.scalar(query)
        return number

    async def webhook(self, source: Source, event_id: MessageId) -> StoredWebhook | None:
        """Lock and load a webhook."""
        query = WEBHOOKS.where(webhook_events.c.source == source, webhook_events.c.event_id == event_id)
        return await self._one(query.with_for_update(), StoredWebhook)

    async def next_replay(self, source: Source, event_id: MessageId) -> MessageId:
        """The next id `<event>:replay:<number>`, unique because the webhook is locked."""
        prefix = f"{event_id}:replay:"
        query = select(func.count()).where(
            webhook_events.c.source == source, webhook_events.c.event_id.startswith(prefix, autoescape=True)
        )
        return MessageId(f"{prefix}{(await self.connection.scalar(query) or 0) + 1}")

    async def store(self, receipt: Receipt) -> None:
        """Insert a receipt, or overwrite its earlier translation; the count of deliveries stays."""
        known = {name: getattr(receipt, name) for name in receipt.__struct_fields__ if name != "event"}
        fields = {name: word for name, word in known.items() if name not in ("source", "event_id", "body")}
        statement = upsert(webhook_events).values(**known)
        await self.connection.execute(
            statement.on_conflict_do_update(index_elements=["source", "event_id"], set_=fields)
        )

    async def publish(self, event: BillingEvent) -> None:
        """Insert an event into the outbox, pending."""
        await self._put(wire.event_message(event))

    async def publish_again(self, letter: DeadLetterRecord) -> None:
        """Insert a dead letter's message into the outbox, unchanged and pending."""
        await self._put(OutboxMessage(id=letter.message_id, subject=letter.subject, payload=letter.payload))

    async def forget_claim(self, message_id: MessageId) -> None:
        """Delete the claim, safely: the transaction that claimed it wrote only the dead letter besides."""
        claims = processed_messages
        await self.connection.execute(delete(claims).where(claims.c.message_id == sanitize_text(message_id)))

    async def parked_again(self, number: int, reason: str) -> None:
        """Update the reason, and count one more attempt."""
        again = {
            "reason": sanitize_text(reason),
            "attempts": dead_letters.c.attempts + 1,
            "updated_at": func.now(),
        }
        await self.connection.execute(update(dead_letters).where(dead_letters.c.id == number).values(**again))

    async def resolve(self, number: int, *, at: datetime) -> None:
        """Resolve a dead letter."""
        await self.connection.execute(
            update(dead_letters).where(dead_letters.c.id == number).values(resolved_at=at)
        )

    async def note(self, entry: Entry) -> None:
        """Append a timeline entry."""
        await self.connection.execute(insert(timeline).values(**row(entry)))

    async def _put(self, message: OutboxMessage) -> None:
        statement = upsert(outbox).values(
            message_id=message.id, subject=message.subject, payload=message.payload
        )
        new = statement.excluded
        await self.connection.execute(
            statement.on_conflict_do_update(
                index_elements=["message_id"],
                set_={
                    "subject": new.subject,
                    "payload": new.payload,
                    "created_at": func.now(),
                    "published_at": None,
                    "leased_until": None,
                },
            )
        )

    async def _one(self, query: Select[*tuple[Any, ...]], kind: type[S]) -> S | None:
        found = (await self.connection.execute(query)).mappings().one_or_none()
        return None if found is None else value(found, kind)

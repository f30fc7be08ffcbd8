"""Operator queries: find the webhook or dead letter that explains what a customer asks about."""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncEngine

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.schema.tables import (
    dead_letters,
    outbox,
    processed_messages,
    timeline,
    webhook_events,
)
from egpay.adapters.postgres.unit_of_work.rows import columns, value
from egpay.domain.events import Source
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId
from egpay.ports.inbox import Disposition
from egpay.ports.operator_queries import DeadLetterRecord, StoredWebhook, WebhookFilter, WebhookOutcome

S = TypeVar("S", bound=msgspec.Struct)
WEBHOOKS = select(*columns(webhook_events, StoredWebhook))
LETTERS = select(*columns(dead_letters, DeadLetterRecord))


class PostgresOperatorQueries(msgspec.Struct, frozen=True):
    """Port `OperatorQueries`, read-only."""

    engine: AsyncEngine

    async def webhooks(self, wanted: WebhookFilter) -> Sequence[StoredWebhook]:
        """The newest webhooks that match."""
        return await self._read(_fitting(wanted), StoredWebhook)

    async def webhook(self, event_id: MessageId) -> StoredWebhook | None:
        """One webhook; ids of two providers never collide, because each has a form of its own."""
        found = await self._read(WEBHOOKS.where(webhook_events.c.event_id == event_id), StoredWebhook)
        return next(iter(found), None)

    async def aftermath(self, event_id: MessageId) -> WebhookOutcome:
        """What a webhook led to, found by its id in its message and in the cause of each timeline entry."""
        published = select(outbox.c.published_at).where(outbox.c.message_id == event_id)
        processed = select(processed_messages.c.processed_at).where(
            processed_messages.c.message_id == event_id
        )
        lines = select(*columns(timeline, Entry)).where(timeline.c.cause == event_id).order_by(timeline.c.id)
        with mapped_errors():
            async with self.engine.connect() as connection:
                return WebhookOutcome(
                    published_at=await connection.scalar(published),
                    processed_at=await connection.scalar(processed),
                    lines=[value(row, Entry) for row in (await connection.execute(lines)).mappings()],
                )

    async def sent(self, ids: Sequence[MessageId]) -> frozenset[MessageId]:
        """The ids that the outbox holds, published rows included until they are purged."""
        with mapped_errors():
            async with self.engine.connect() as connection:
                known = select(outbox.c.message_id).where(outbox.c.message_id.in_(ids))
                return frozenset(map(MessageId, await connection.scalars(known)))

    async def letters(
        self, *, failed_in: str | None = None, resolved: bool = False
    ) -> Sequence[DeadLetterRecord]:
        """Dead letters, oldest first, unresolved ones unless `resolved`."""
        query = LETTERS.order_by(dead_letters.c.id)
        if failed_in:
            query = query.where(dead_letters.c.failed_in == failed_in)
        if not resolved:
            query = query.where(dead_letters.c.resolved_at.is_(None))
        return await self._read(query, DeadLetterRecord)

    async def letter(self, number: int) -> DeadLetterRecord | None:
        """One dead letter by number."""
        return next(
            iter(await self._read(LETTERS.where(dead_letters.c.id == number), DeadLetterRecord)), None
        )

    async def live(self) -> bool | None:
        """Whether the webhooks accepted so far are of live mode; None when there are none."""
        table = webhook_events.c
        ours = (table.source == Source.STRIPE, table.disposition == Disposition.ACCEPTED)
        with mapped_errors():
            async with self.engine.connect() as connection:
                found: bool | None = await connection.scalar(select(table.livemode).where(*ours).limit(1))
        return found

    async def _read(self, query: Select[*tuple[Any, ...]], kind: type[S]) -> list[S]:
        with mapped_errors():
            async with self.engine.connect() as connection:
                return [value(row, kind) for row in (await connection.execute(query)).mappings()]


def _fitting(wanted: WebhookFilter) -> Select[*tuple[Any, ...]]:
    table = webhook_events.c
    query = WEBHOOKS.order_by(table.received_at.desc(), table.event_id).limit(wanted.limit)
    if wanted.type:
        star = wanted.type.endswith("*")
        query = query.where(
            table.type.startswith(wanted.type[:-1], autoescape=True) if star else table.type == wanted.type
        )
    if wanted.sale_id:
        query = query.where(table.sale_id == wanted.sale_id)
    if wanted.disposition:
        query = query.where(table.disposition == wanted.disposition)
    return query.where(table.received_at >= wanted.since) if wanted.since else query

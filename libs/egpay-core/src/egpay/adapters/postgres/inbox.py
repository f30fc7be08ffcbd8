"""A webhook is kept, byte for byte, in the same commit as the message it leads to; only then is its sender told."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeAlias

from egpay.adapters import wire
from egpay.adapters.postgres.answers import REFUSED, answering, storable, why_refused
from egpay.adapters.postgres.at_hand import AtHand
from egpay.adapters.postgres.pool import Connection, Pool
from egpay.domain.values import MessageId
from egpay.ports.inbox import Disposition, Receipt

# No set arithmetic and one sort, for a batch of two, as most are, pays more for such things than for its rows. Messages
# go out in the order in which their webhooks came: whoever polls tells the oldest first.
_WRITE = """
    WITH fresh AS (
        INSERT INTO webhook_events (
            source, event_id, type, occurred_at, disposition, reason, sale_id, livemode,
            api_version, buyer_email, traceparent, body
        )
        SELECT * FROM unnest(
            $1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::boolean[],
            $9::text[], $10::text[], $11::text[], $12::bytea[]
        )
        ON CONFLICT DO NOTHING
        RETURNING source, event_id
    ), queued AS (
        INSERT INTO outbox (message_id, subject, payload, traceparent)
        SELECT message_id, subject, payload, traceparent
        FROM unnest($1::text[], $2::text[], $11::text[], $13::text[], $14::text[], $15::bytea[], $16::int[])
            AS message (source, event_id, traceparent, message_id, subject, payload, place)
        JOIN fresh USING (source, event_id) WHERE message_id IS NOT NULL ORDER BY place
        ON CONFLICT DO NOTHING
    )
"""
_PARK = """
    , parked AS (
        INSERT INTO dead_letters (message_id, subject, payload, reason, failed_in)
        SELECT event_id, source || '.' || type, body, coalesce(reason, ''), 'inbox'
        FROM unnest($1::text[], $2::text[], $3::text[], $5::text[], $6::text[], $12::bytea[])
            AS receipt (source, event_id, type, disposition, reason, body)
        JOIN fresh USING (source, event_id) WHERE disposition = 'parked'
        ON CONFLICT DO NOTHING
    )
"""
_FRESH = "SELECT source, event_id FROM fresh"

RECORD, RECORD_AND_PARK = _WRITE + _FRESH, _WRITE + _PARK + _FRESH
"""Store a batch; return what is new of it. A batch that parks nothing, as most do, need not ask for the rest."""

DELIVERED_AGAIN = """
    WITH again AS (
        SELECT source, event_id, count(*) AS times
        FROM unnest($1::text[], $2::text[]) AS key (source, event_id) GROUP BY source, event_id
    ), held AS MATERIALIZED (
        SELECT source, event_id, times FROM webhook_events JOIN again USING (source, event_id)
        ORDER BY source, event_id FOR UPDATE OF webhook_events
    )
    UPDATE webhook_events AS event SET deliveries = deliveries + times, redelivered_at = now()
    FROM held WHERE event.source = held.source AND event.event_id = held.event_id
"""

Key: TypeAlias = tuple[str, str]


class PostgresInbox:
    """Port `Inbox`: one statement, which is one commit, for a whole batch."""

    def __init__(self, pool: Pool) -> None:
        """Write over connections of this pool."""
        self._at_hand = AtHand(pool)

    async def record_many(self, receipts: Sequence[Receipt]) -> frozenset[MessageId]:
        """Store a batch. What the database refuses to keep as it is costs only itself: it is parked, with all of
        its body and with its words made fit, so that its sender need not come again. A repeated delivery is
        counted afterwards, in a commit of its own."""
        with answering():
            async with self._at_hand.connection() as connection:
                fresh = await _record(connection, _first_of_each(receipts))
                if len(fresh) < len(receipts):
                    again = Counter(map(_key, receipts)) - Counter(fresh)
                    keys = [tuple(map(storable, key)) for key in again.elements()]
                    await connection.execute(DELIVERED_AGAIN, *map(list, zip(*keys, strict=True)))
        return frozenset(MessageId(event_id) for _, event_id in fresh)


async def _record(connection: Connection, receipts: Mapping[Key, Receipt]) -> list[Key]:
    try:
        rows = await connection.fetch(_statement(receipts.values()), *_columns(receipts.values()))
    except REFUSED as error:
        if len(receipts) == 1:
            [receipt] = receipts.values()
            return await _park(connection, receipt, why_refused(error))
        alone = [await _record(connection, {key: receipt}) for key, receipt in receipts.items()]
        return [key for keys in alone for key in keys]
    return [(row[0], row[1]) for row in rows]


async def _park(connection: Connection, receipt: Receipt, reason: str) -> list[Key]:
    stored = await connection.fetch(RECORD_AND_PARK, *_columns([_made_fit(receipt, reason)]))
    return [_key(receipt)] if stored else []


def _statement(receipts: Iterable[Receipt]) -> str:
    parks = any(receipt.disposition is Disposition.PARKED for receipt in receipts)
    return RECORD_AND_PARK if parks else RECORD


def _first_of_each(receipts: Sequence[Receipt]) -> dict[Key, Receipt]:
    once: dict[Key, Receipt] = {}
    for receipt in receipts:
        once.setdefault(_key(receipt), receipt)
    return once


def _key(receipt: Receipt) -> Key:
    return receipt.source, receipt.event_id


def _made_fit(receipt: Receipt, reason: str) -> Receipt:
    return Receipt(
        source=receipt.source,
        event_id=MessageId(storable(receipt.event_id)),
        type=storable(receipt.type),
        body=receipt.body,
        occurred_at=receipt.occurred_at,
        disposition=Disposition.PARKED,
        livemode=receipt.livemode,
        reason=reason,
        traceparent=receipt.traceparent and storable(receipt.traceparent),
    )


def _columns(receipts: Iterable[Receipt]) -> list[list[object]]:
    """In the order of their keys: two batches that share webhooks then wait for each other in turn."""
    rows = sorted((_row(receipt, place) for place, receipt in enumerate(receipts)), key=itemgetter(0, 1))
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(16)]


def _row(receipt: Receipt, place: int) -> tuple[Any, ...]:
    message = wire.event_message(receipt.event, traceparent=receipt.traceparent) if receipt.event else None
    return (
        receipt.source,
        receipt.event_id,
        receipt.type,
        receipt.occurred_at,
        receipt.disposition,
        receipt.reason,
        receipt.sale_id,
        receipt.livemode,
        receipt.api_version,
        receipt.buyer_email,
        receipt.traceparent,
        receipt.body,
        message and message.id,
        message and message.subject,
        message and message.payload,
        place,
    )

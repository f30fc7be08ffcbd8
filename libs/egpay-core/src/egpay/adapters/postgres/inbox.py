"""Inbox: stores webhooks byte for byte, in one commit with the messages they lead to.

Only then is a webhook acknowledged to its sender.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

from egpay.adapters import wire
from egpay.adapters.postgres.connection.error_mapping import (
    DATA_ERRORS,
    mapped_errors,
    sanitize_text,
    why_refused,
)
from egpay.adapters.postgres.connection.pool import Connection, Pool, StickyConnection
from egpay.adapters.postgres.inbox_sql import LARGEST, Row, parameters, statement
from egpay.domain.values import MessageId
from egpay.ports.inbox import Disposition, Receipt
from egpay.ports.outbox import OutboxMessage

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
_Pair: TypeAlias = tuple[Receipt, OutboxMessage | None]
_Fresh: TypeAlias = dict[Key, OutboxMessage | None]


class PostgresInbox:
    """Port `Inbox`: stores a whole batch in one statement, which is one commit."""

    def __init__(self, pool: Pool, *, on_dead_letter: Callable[[str], None] = lambda _: None) -> None:
        """Write over connections of this pool; `on_dead_letter` is called for each new dead letter of `inbox`."""
        self._sticky = StickyConnection(pool)
        self._on_dead_letter = on_dead_letter

    async def record_many(self, receipts: Sequence[Receipt]) -> frozenset[MessageId]:
        """Store a batch; a webhook that the database refuses is dead-lettered and fails no other.

        It is stored with its whole body and with sanitized text, so that its sender need not retry. A
        repeated delivery is counted afterwards, in a commit of its own."""
        fresh = await self._store(receipts, None)
        return frozenset(MessageId(event_id) for _, event_id in fresh)

    async def record_to_publish(
        self, receipts: Sequence[Receipt], *, lease: float
    ) -> Sequence[OutboxMessage]:
        """The same, with the new messages leased to the caller, which publishes them."""
        fresh = await self._store(receipts, lease)
        led_to = (fresh.get(key) for key in dict.fromkeys(map(_key, receipts)))
        return [message for message in led_to if message is not None]

    async def _store(self, receipts: Sequence[Receipt], lease: float | None) -> _Fresh:
        fresh: _Fresh = {}
        with mapped_errors():
            for start in range(0, len(receipts), LARGEST):
                fresh |= await self._store_at_once(receipts[start : start + LARGEST], lease)
        return fresh

    async def _store_at_once(self, receipts: Sequence[Receipt], lease: float | None) -> _Fresh:
        async with self._sticky.connection() as connection:
            fresh = await self._record(connection, _first_of_each(receipts), lease)
            if len(fresh) < len(receipts):
                again = Counter(map(_key, receipts)) - Counter(fresh.keys())
                keys = [tuple(map(sanitize_text, key)) for key in again.elements()]
                await connection.execute(DELIVERED_AGAIN, *map(list, zip(*keys, strict=True)))
        return fresh

    async def _record(
        self, connection: Connection, pairs: Mapping[Key, _Pair], lease: float | None
    ) -> _Fresh:
        try:
            rows = await connection.fetch(*_recording(pairs.values(), lease))
        except DATA_ERRORS as error:
            if len(pairs) == 1:
                [(receipt, _)] = pairs.values()
                return await self._park(connection, receipt, why_refused(error))
            alone = [await self._record(connection, {key: pair}, lease) for key, pair in pairs.items()]
            return {key: message for fresh in alone for key, message in fresh.items()}
        stored = {(row[0], row[1]): pairs[row[0], row[1]] for row in rows}
        for receipt, _ in stored.values():
            if receipt.disposition is Disposition.PARKED:
                self._on_dead_letter("inbox")
        return {key: message for key, (_, message) in stored.items()}

    async def _park(self, connection: Connection, receipt: Receipt, reason: str) -> _Fresh:
        stored = await connection.fetch(*_recording([(_made_fit(receipt, reason), None)], None))
        if not stored:
            return {}
        self._on_dead_letter("inbox")
        return {_key(receipt): None}


def _recording(pairs: Collection[_Pair], lease: float | None) -> tuple[Any, ...]:
    parks = any(receipt.disposition is Disposition.PARKED for receipt, _ in pairs)
    rows = [_row(*pair, place) for place, pair in enumerate(pairs)]
    return statement(len(rows), parks=parks), *parameters(rows, lease)


def _first_of_each(receipts: Sequence[Receipt]) -> dict[Key, _Pair]:
    once: dict[Key, _Pair] = {}
    for receipt in receipts:
        if (key := _key(receipt)) not in once:
            once[key] = receipt, _message(receipt)
    return once


def _message(receipt: Receipt) -> OutboxMessage | None:
    return wire.event_message(receipt.event, traceparent=receipt.traceparent) if receipt.event else None


def _key(receipt: Receipt) -> Key:
    return receipt.source, receipt.event_id


def _made_fit(receipt: Receipt, reason: str) -> Receipt:
    return Receipt(
        source=receipt.source,
        event_id=MessageId(sanitize_text(receipt.event_id)),
        type=sanitize_text(receipt.type),
        body=receipt.body,
        occurred_at=receipt.occurred_at,
        disposition=Disposition.PARKED,
        livemode=receipt.livemode,
        reason=reason,
        traceparent=receipt.traceparent and sanitize_text(receipt.traceparent),
    )


def _row(receipt: Receipt, message: OutboxMessage | None, place: int) -> Row:
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

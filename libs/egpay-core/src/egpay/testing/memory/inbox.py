"""In-memory inbox and dead letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from egpay.adapters import wire
from egpay.domain.values import MessageId
from egpay.ports.dead_letters import DeadLetter
from egpay.ports.inbox import Disposition, Receipt
from egpay.ports.outbox import OutboxMessage
from egpay.testing.memory.store import MemoryStore, Tables


@dataclass(frozen=True, slots=True)
class MemoryInbox:
    """Port `Inbox` over a MemoryStore."""

    store: MemoryStore

    async def record_many(self, receipts: Sequence[Receipt]) -> frozenset[MessageId]:
        """Store webhooks with the messages they lead to; return the ids that were new."""
        async with self.store.turn() as tables:
            return frozenset(receipt.event_id for receipt in receipts if _record(tables, receipt))

    async def record_to_publish(
        self, receipts: Sequence[Receipt], *, lease: float
    ) -> Sequence[OutboxMessage]:
        """The same; lease the messages to the caller and return them."""
        async with self.store.turn() as tables:
            fresh = [receipt.event_id for receipt in receipts if _record(tables, receipt)]
            until = self.store.clock() + timedelta(seconds=lease)
            tables.leases.update(dict.fromkeys(fresh, until))
            return [tables.outbox[key] for key in fresh if key in tables.outbox]


@dataclass(frozen=True, slots=True)
class MemoryDeadLetters:
    """Port `DeadLetters` over a MemoryStore."""

    store: MemoryStore

    async def add_many(self, letters: Sequence[DeadLetter]) -> None:
        """Dead-letter messages."""
        async with self.store.turn() as tables:
            for letter in {letter.message_id: letter for letter in letters}.values():
                park(tables, letter)


def park(tables: Tables, letter: DeadLetter) -> None:
    """Dead-letter one: the newest reason wins, attempts add up, the message stays as it first came."""
    known = tables.dead_letters.get(letter.message_id)
    if known:
        letter = msgspec.structs.replace(
            known,
            reason=letter.reason,
            trace=letter.trace,
            attempts=known.attempts + letter.attempts,
            failed_in=letter.failed_in,
        )
    tables.dead_letters[letter.message_id] = letter


def _record(tables: Tables, receipt: Receipt) -> bool:
    key = (receipt.source, receipt.event_id)
    if key in tables.webhook_events:
        return False
    tables.webhook_events[key] = receipt
    if receipt.event is not None:
        tables.put(wire.event_message(receipt.event, traceparent=receipt.traceparent))
    if receipt.disposition is Disposition.PARKED:
        park(
            tables,
            DeadLetter(
                message_id=receipt.event_id,
                subject=f"{receipt.source}.{receipt.type}",
                payload=receipt.body,
                reason=receipt.reason or "",
                failed_in="inbox",
            ),
        )
    return True

"""Repair: replays, resolves or drops dead letters in one transaction, or not at all."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol, TypeAlias

from egpay.domain.events import BillingEvent, Source
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId
from egpay.ports.inbox import Receipt
from egpay.ports.operator_queries import DeadLetterRecord, StoredWebhook


class RepairTransaction(Protocol):
    """Repair transaction: all of its changes are committed, or none."""

    async def hold_letter(self, number: int) -> DeadLetterRecord | None:
        """Load a dead letter and lock it until the block ends."""
        ...

    async def letter_about(self, message_id: MessageId) -> int | None:
        """The number of the unresolved dead letter of this message."""
        ...

    async def webhook(self, source: Source, event_id: MessageId) -> StoredWebhook | None:
        """Load a stored webhook."""
        ...

    async def next_replay(self, source: Source, event_id: MessageId) -> MessageId:
        """An unused id, derived from the event's."""
        ...

    async def store(self, receipt: Receipt) -> None:
        """Store a webhook as it is translated now, in place of the former translation."""
        ...

    async def publish(self, event: BillingEvent) -> None:
        """Put an event into the outbox, also if it was published before."""
        ...

    async def publish_again(self, letter: DeadLetterRecord) -> None:
        """Put the message of a dead letter into the outbox again, unchanged."""
        ...

    async def forget_claim(self, message_id: MessageId) -> None:
        """Remove the claim of an event, so that the next delivery handles it."""
        ...

    async def parked_again(self, number: int, reason: str) -> None:
        """Store that a dead letter still fails, with the new reason."""
        ...

    async def resolve(self, number: int, *, at: datetime) -> None:
        """Mark a dead letter as resolved."""
        ...

    async def note(self, entry: Entry) -> None:
        """Add an entry to the timeline."""
        ...


OpenRepair: TypeAlias = Callable[[], AbstractAsyncContextManager[RepairTransaction]]
"""Open a transaction. Raises Outage when the database does not answer."""

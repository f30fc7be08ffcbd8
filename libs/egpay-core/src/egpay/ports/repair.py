"""Where an operator mends: what is sent again, resolved or dropped happens in one transaction, or not at all."""

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
    """Lives for one transaction, in which something is mended: all of it happens or nothing."""

    async def hold_letter(self, number: int) -> DeadLetterRecord | None:
        """The letter, which nobody else touches until the block ends."""
        ...

    async def letter_about(self, message_id: MessageId) -> int | None:
        """The number of the letter of this message that still lies aside."""
        ...

    async def webhook(self, source: Source, event_id: MessageId) -> StoredWebhook | None:
        """The webhook as it is kept."""
        ...

    async def next_replay(self, source: Source, event_id: MessageId) -> MessageId:
        """An id that is derived from the event's and was never used."""
        ...

    async def store(self, receipt: Receipt) -> None:
        """Keep a webhook as it is understood now, in place of how it was understood before."""
        ...

    async def publish(self, event: BillingEvent) -> None:
        """Send an event on its way, also if it was sent before."""
        ...

    async def publish_again(self, letter: DeadLetterRecord) -> None:
        """Send a message on its way once more, just as it was."""
        ...

    async def forget_claim(self, message_id: MessageId) -> None:
        """Nobody has worked on this event yet: the next to receive it does."""
        ...

    async def parked_again(self, number: int, reason: str) -> None:
        """It still cannot be handled, and this is why."""
        ...

    async def resolve(self, number: int, *, at: datetime) -> None:
        """This letter is dealt with."""
        ...

    async def note(self, entry: Entry) -> None:
        """Add a line to the timeline."""
        ...


OpenRepair: TypeAlias = Callable[[], AbstractAsyncContextManager[RepairTransaction]]
"""Open a transaction. Raises Outage when the database does not answer."""

"""What an operator looks into and mends: every webhook as it came, and every message that was set aside."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol, TypeAlias

import msgspec

from egpay.domain.events import BillingEvent, Source
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId, SaleId
from egpay.ports.inbox import Disposition, Receipt


class StoredWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook as it is kept. `deliveries` counts how often its sender brought it, `body` is byte for byte."""

    source: Source
    event_id: MessageId
    type: str
    occurred_at: datetime
    received_at: datetime
    disposition: Disposition
    reason: str | None
    sale_id: SaleId | None
    livemode: bool
    api_version: str | None
    deliveries: int
    redelivered_at: datetime | None
    body: bytes


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was set aside. `failed_in` is `inbox` (not understood: `payload` is the raw body), `books` (our
    rules) or `delivery` (an effect, the broker); `resolved_at` is when an operator was done with it."""

    id: int
    message_id: MessageId
    subject: str
    payload: bytes
    reason: str
    trace: str
    failed_in: str
    attempts: int
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None


class Aftermath(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a webhook: when its message went to the broker and when it was worked on, if it was, and the
    lines on the timeline that it caused."""

    published_at: datetime | None
    processed_at: datetime | None
    lines: list[Entry]


class WebhookFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which webhooks; `type` may end in a star, `since` is when they were received."""

    type: str | None = None
    sale_id: SaleId | None = None
    disposition: Disposition | None = None
    since: datetime | None = None
    limit: int = 50


class Archive(Protocol):
    """To be read only. Each raises Outage when the database does not answer."""

    async def webhooks(self, wanted: WebhookFilter) -> Sequence[StoredWebhook]:
        """The newest that fit, newest first."""
        ...

    async def webhook(self, event_id: MessageId) -> StoredWebhook | None:
        """One webhook by its provider's id."""
        ...

    async def aftermath(self, event_id: MessageId) -> Aftermath:
        """What became of it."""
        ...

    async def sent(self, ids: Sequence[MessageId]) -> frozenset[MessageId]:
        """Those of these messages that were decided before: they would not be sent a second time."""
        ...

    async def live(self) -> bool | None:
        """Whether what we accepted so far was real money; None when nothing was accepted yet."""
        ...

    async def letters(self, *, failed_in: str | None = None, resolved: bool = False) -> Sequence[Letter]:
        """What lies aside, oldest first; with `resolved` also what was dealt with."""
        ...

    async def letter(self, number: int) -> Letter | None:
        """One letter by its number."""
        ...


class Bench(Protocol):
    """Lives for one transaction, in which something is mended: all of it happens or nothing."""

    async def hold_letter(self, number: int) -> Letter | None:
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

    async def publish_again(self, letter: Letter) -> None:
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


OpenBench: TypeAlias = Callable[[], AbstractAsyncContextManager[Bench]]
"""Open a transaction. Raises Outage when the database does not answer."""

"""What an operator looks into: every webhook as it came, and every message that was set aside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from egpay.domain.events import Source
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId, SaleId
from egpay.ports.inbox import Disposition


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


class DeadLetterRecord(msgspec.Struct, frozen=True, kw_only=True):
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


class WebhookOutcome(msgspec.Struct, frozen=True, kw_only=True):
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


class OperatorQueries(Protocol):
    """To be read only. Each raises Outage when the database does not answer."""

    async def webhooks(self, wanted: WebhookFilter) -> Sequence[StoredWebhook]:
        """The newest that fit, newest first."""
        ...

    async def webhook(self, event_id: MessageId) -> StoredWebhook | None:
        """One webhook by its provider's id."""
        ...

    async def aftermath(self, event_id: MessageId) -> WebhookOutcome:
        """What became of it."""
        ...

    async def sent(self, ids: Sequence[MessageId]) -> frozenset[MessageId]:
        """Those of these messages that were decided before: they would not be sent a second time."""
        ...

    async def live(self) -> bool | None:
        """Whether what we accepted so far was real money; None when nothing was accepted yet."""
        ...

    async def letters(
        self, *, failed_in: str | None = None, resolved: bool = False
    ) -> Sequence[DeadLetterRecord]:
        """What lies aside, oldest first; with `resolved` also what was dealt with."""
        ...

    async def letter(self, number: int) -> DeadLetterRecord | None:
        """One letter by its number."""
        ...

"""Operator queries: read stored webhooks and dead letters, without changing anything."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from egpay.domain.events import Source
from egpay.domain.timeline import Entry
from egpay.domain.values import MessageId, SaleId
from egpay.ports.inbox import Disposition


class StoredWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """Stored webhook; `deliveries` counts how often its sender delivered it, `body` is byte for byte."""

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
    """Dead letter as stored, with its history.

    `failed_in` is `inbox` (not translated: `payload` is the raw body), `books` (our rules) or `delivery` (an
    effect, the broker); `resolved_at` is when an operator resolved it.
    """

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
    """Outcome of a webhook: when its message was published and processed, and what it caused.

    The times are None before they happen; `lines` are the entries of the timeline that it caused.
    """

    published_at: datetime | None
    processed_at: datetime | None
    lines: list[Entry]


class WebhookFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Webhook filter; `type` may end in a star, `since` bounds the time of receipt."""

    type: str | None = None
    sale_id: SaleId | None = None
    disposition: Disposition | None = None
    since: datetime | None = None
    limit: int = 50


class OperatorQueries(Protocol):
    """Operator queries: read-only views of inbox and dead letters; Outage when the database is away."""

    async def webhooks(self, wanted: WebhookFilter) -> Sequence[StoredWebhook]:
        """The newest webhooks that match, newest first."""
        ...

    async def webhook(self, event_id: MessageId) -> StoredWebhook | None:
        """One webhook by its provider's id."""
        ...

    async def aftermath(self, event_id: MessageId) -> WebhookOutcome:
        """When the message of a webhook was published and processed, and the timeline entries it caused."""
        ...

    async def sent(self, ids: Sequence[MessageId]) -> frozenset[MessageId]:
        """Those of these ids that are in the outbox already and so would not be published a second time."""
        ...

    async def live(self) -> bool | None:
        """Whether the accepted webhooks are about real money (`livemode`); None before the first one."""
        ...

    async def letters(
        self, *, failed_in: str | None = None, resolved: bool = False
    ) -> Sequence[DeadLetterRecord]:
        """Unresolved dead letters, oldest first; with `resolved` the resolved ones too."""
        ...

    async def letter(self, number: int) -> DeadLetterRecord | None:
        """One dead letter by its number."""
        ...

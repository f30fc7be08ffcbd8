"""What webhooks bring in, kept for good before the sender is told so: nothing acknowledged is ever lost."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from egpay.domain.events import BillingEvent, Source
from egpay.domain.values import MessageId, SaleId
from egpay.ports.outbox import OutboxMessage


class Disposition(StrEnum):
    """What became of a webhook at the door."""

    ACCEPTED = "accepted"
    IGNORED = "ignored"
    PARKED = "parked"


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A verified webhook, as received and as understood. `body` is the exact bytes; `event` is None when it was
    ignored or parked, and `reason` then says why. `buyer_email` is what the buyer typed at Checkout: it is kept
    here, in the database, because messages carry no personal data."""

    source: Source
    event_id: MessageId
    type: str
    body: bytes
    occurred_at: datetime
    disposition: Disposition
    event: BillingEvent | None = None
    sale_id: SaleId | None = None
    livemode: bool = False
    api_version: str | None = None
    reason: str | None = None
    buyer_email: str | None = None
    traceparent: str | None = None


class Inbox(Protocol):
    """Raises Outage when it cannot store now."""

    async def record_many(self, receipts: Sequence[Receipt]) -> frozenset[MessageId]:
        """Store webhooks with the messages they lead to, in one commit; return the ids that were new.

        What is already stored stays as it is. A parked one is put into the dead letters too.
        """
        ...

    async def record_to_publish(
        self, receipts: Sequence[Receipt], *, lease: float
    ) -> Sequence[OutboxMessage]:
        """The same; return the messages of the new ones, in the order of their webhooks. They are leased to the caller,
        who publishes them within `lease` seconds and marks them; after that whoever drains the outbox does."""
        ...

"""Inbox: stores webhooks durably before they are acknowledged, so that none is lost."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from egpay.domain.events import BillingEvent, Source
from egpay.domain.values import MessageId, SaleId
from egpay.ports.outbox import OutboxMessage


class Disposition(StrEnum):
    """Disposition: the result of translating a webhook on receipt."""

    ACCEPTED = "accepted"
    IGNORED = "ignored"
    PARKED = "parked"


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Receipt: a verified webhook, as received and as translated.

    `body` is the exact bytes; `event` is None when the webhook was ignored or parked, and `reason` then says
    why. `buyer_email` is what the buyer typed at Checkout: it is stored here, in the database, because
    messages carry no personal data.
    """

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
    """Inbox: stores each webhook once, with its messages; raises Outage when it cannot store now."""

    async def record_many(self, receipts: Sequence[Receipt]) -> frozenset[MessageId]:
        """Store webhooks with their messages in one commit; return the ids that were new.

        A webhook that is already stored stays as it is. A parked one is dead-lettered too.
        """
        ...

    async def record_to_publish(
        self, receipts: Sequence[Receipt], *, lease: float
    ) -> Sequence[OutboxMessage]:
        """Store as `record_many` does, and return the messages of the new webhooks, in their order.

        The messages are leased to the caller, which publishes and marks them within `lease` seconds; after
        that the relay publishes them.
        """
        ...

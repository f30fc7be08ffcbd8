"""Published messages: finds what was published and never processed, so that it can be republished."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from egpay.domain.values import MessageId, SaleId


class UnprocessedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Unprocessed message: published and not processed; it waits at the broker, or it is lost."""

    id: MessageId
    subject: str
    published_at: datetime
    sale_id: SaleId | None = None


class PublishedMessages(Protocol):
    """Published messages: the outbox after publishing; each method raises Outage without the database."""

    async def holds(self, message_id: MessageId, payload: bytes) -> bool:
        """Whether the outbox holds this message, with exactly this payload; otherwise it is forged."""
        ...

    async def mark_processed(self, message_id: MessageId) -> None:
        """Mark a command as carried out; idempotent. Events are claimed when the books are saved."""
        ...

    async def unprocessed(
        self, subjects: Sequence[str], *, since: datetime, until: datetime, most: int = 1000
    ) -> Sequence[UnprocessedMessage]:
        """Messages published between these moments, and since then neither processed nor dead-lettered.

        Oldest first; `*` in a subject matches anything.
        """
        ...

    async def publish_again(self, ids: Sequence[MessageId], *, until: datetime) -> None:
        """Make messages pending for the relay again, except those published after `until`.

        A consumer that still holds one of them receives it twice, which is harmless: an event is claimed by
        its id, a command has a key.
        """
        ...


class IdleConsumers(Protocol):
    """Idle consumers: reads from the broker which consumers have no work.

    Raises Outage when the broker does not answer, Defect when the broker was never provisioned.
    """

    async def idle(self) -> Mapping[str, Sequence[str]]:
        """Consumers with no message pending and none in flight, with the subjects of each."""
        ...

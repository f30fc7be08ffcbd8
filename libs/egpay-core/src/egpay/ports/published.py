"""What went out to the broker, and what of it was worked on: what the broker lost can be told, and sent again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from egpay.domain.values import MessageId, SaleId


class UnprocessedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was published and that nobody has worked on: it waits somewhere, or it is lost."""

    id: MessageId
    subject: str
    published_at: datetime
    sale_id: SaleId | None = None


class PublishedMessages(Protocol):
    """The outbox after publishing. Each raises Outage when the database does not answer."""

    async def mark_processed(self, message_id: MessageId) -> None:
        """This command was carried out; may be said again. Events are claimed by whoever keeps the books."""
        ...

    async def unprocessed(
        self, subjects: Sequence[str], *, since: datetime, until: datetime, most: int = 1000
    ) -> Sequence[UnprocessedMessage]:
        """What was published between these moments and neither worked on nor set aside since, oldest first. `*` stands
        for anything in a subject."""
        ...

    async def publish_again(self, ids: Sequence[MessageId], *, until: datetime) -> None:
        """Put them before the relay once more, those excepted that were published after `until`. Whoever has one of
        them before him gets it twice, which is harmless: an event is claimed by its id, a command bears a key."""
        ...


class IdleConsumers(Protocol):
    """Who takes messages from the broker. Raises Outage when it does not answer, Defect when it was never laid out."""

    async def idle(self) -> Mapping[str, Sequence[str]]:
        """Those who have nothing before them and nothing in their hands, with the subjects that each is given."""
        ...

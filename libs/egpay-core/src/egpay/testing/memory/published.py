"""In-memory published messages: what was published and what was processed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from egpay.domain.values import MessageId
from egpay.ports.outbox import OutboxMessage, sale_id_in
from egpay.ports.published import UnprocessedMessage
from egpay.testing.memory.store import MemoryStore


@dataclass(frozen=True, slots=True)
class MemoryPublishedMessages:
    """Port `PublishedMessages` over a MemoryStore."""

    store: MemoryStore

    async def holds(self, message_id: MessageId, payload: bytes) -> bool:
        """Whether the outbox holds this message, with exactly this payload."""
        async with self.store.turn() as tables:
            stored = tables.outbox.get(message_id)
        return stored is not None and stored.payload == payload

    async def mark_processed(self, message_id: MessageId) -> None:
        """Mark a command processed, in the table where events are claimed."""
        async with self.store.turn() as tables:
            tables.processed_messages[message_id] = None

    async def unprocessed(
        self, subjects: Sequence[str], *, since: datetime, until: datetime, most: int = 1000
    ) -> Sequence[UnprocessedMessage]:
        """Messages that were published, and neither processed nor dead-lettered."""
        async with self.store.turn() as tables:
            done = tables.processed_messages.keys() | tables.dead_letters.keys()
            found = [
                _unprocessed(tables.outbox[key], at)
                for key, at in tables.published.items()
                if since <= at < until
                and key not in done
                and any(fnmatchcase(tables.outbox[key].subject, pattern) for pattern in subjects)
            ]
        return sorted(found, key=lambda each: each.published_at)[:most]

    async def publish_again(self, ids: Sequence[MessageId], *, until: datetime) -> None:
        """Make them pending again, as if the relay had never published them."""
        async with self.store.turn() as tables:
            for key in ids:
                if tables.published.get(key, until) < until:
                    del tables.published[key]
                    tables.leases.pop(key, None)


def _unprocessed(message: OutboxMessage, at: datetime) -> UnprocessedMessage:
    return UnprocessedMessage(
        id=message.id, subject=message.subject, published_at=at, sale_id=sale_id_in(message.payload)
    )

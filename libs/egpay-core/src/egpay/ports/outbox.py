"""Transactional outbox: stores messages in the transaction that decides them, for the relay.

The life of a row. Its state is in the columns `leased_until` and `published_at`:

    stored without lease            stored with lease (webhooks)
             |                                 |
             v          lease expires          v
          PENDING <------------------------- LEASED
           ^    |                              |
           |    | relay publishes              | direct publisher publishes
           |    | and marks                    | and the marker marks
           |    |                              |
           |    +--------> PUBLISHED <---------+
           |                   |
           +-------------------+----> purged after its age
             publish_again, replay

A row that the broker will never take (too large, malformed) is dead-lettered by the relay and counts as
PUBLISHED, so that a replay makes it PENDING again.

A crash after publishing and before the mark leaves the row PENDING or LEASED, so it is published again. A
mark of the direct publisher still counts after its lease has expired, but not after publish_again or a
replay.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

import msgspec

from egpay.domain.errors import Defect
from egpay.domain.values import MessageId, SaleId
from egpay.ports.dead_letters import DeadLetter


class OutboxMessage(msgspec.Struct, frozen=True, kw_only=True):
    """Outbox message, encoded: goes to `subject`, is recognised by `id`; W3C `traceparent` if any."""

    id: MessageId
    subject: str
    payload: bytes
    traceparent: str | None = None


class _NamesSale(msgspec.Struct, frozen=True):
    sale_id: SaleId | None = None


def sale_id_in(payload: bytes) -> SaleId | None:
    """The sale that a message names, whatever its type; None for what is no message."""
    try:
        return msgspec.json.decode(payload, type=_NamesSale).sale_id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


class Unpublishable(Defect):
    """Poison message: the broker will never take these messages, by `reasons`; it may have the others."""

    def __init__(self, reasons: Mapping[MessageId, str]) -> None:
        """Take the reason for each message."""
        super().__init__(
            f"the broker never takes {len(reasons)} messages: {', '.join(sorted(set(reasons.values())))}"
        )
        self.reasons = reasons


Publish: TypeAlias = Callable[[Sequence[OutboxMessage]], Awaitable[Sequence[DeadLetter] | None]]
"""Publish messages; return when the broker has them on disk, raise Outage when it does not take them.

A dead letter is returned for each message that the broker will never take."""


class Outbox(Protocol):
    """Outbox table: publishes and marks its rows, at least once; raises Outage when the database is away."""

    async def drain_once(self, publish: Publish, *, limit: int = 256) -> int:
        """Publish up to `limit` pending messages and mark them; return how many.

        The dead letters that `publish` returns are stored in the same commit, and their messages marked as well.
        Several callers may drain at once: no message is taken by two of them, and none under a lease. A crash
        between publishing and marking publishes again, so that no message is lost.
        """
        ...

    async def mark_published(self, ids: Sequence[MessageId]) -> None:
        """Mark messages that were leased to the caller and that the broker has on disk.

        A message that was put back meanwhile to be published again stays pending; unknown ids are no fault.
        """
        ...


class Backlog(msgspec.Struct, frozen=True):
    """Outbox backlog: the number of pending messages, and the age of the oldest in seconds."""

    waiting: int
    oldest_seconds: float


class OutboxStats(Protocol):
    """Outbox statistics: reads the backlog for metrics; raises Outage when the database is away."""

    async def backlog(self) -> Backlog:
        """The backlog at this moment."""
        ...


class Publisher(Protocol):
    """Publisher: publishes messages to the broker; raises Outage when the broker does not take them.

    It raises Unpublishable for those that the broker will never take; the others are then to be published
    again.
    """

    async def publish_many(self, messages: Sequence[OutboxMessage]) -> None:
        """Return when the broker has all of them on disk."""
        ...

"""Messages that were decided in a transaction and still have to reach the broker."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeAlias

import msgspec

from egpay.domain.values import MessageId, SaleId


class OutboxMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message, encoded: `subject` where it goes, `id` by which it is recognised, W3C `traceparent` if any."""

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


Publish: TypeAlias = Callable[[Sequence[OutboxMessage]], Awaitable[None]]
"""Hand messages to the broker; return when it has them on disk, raise Outage when it does not."""


class Outbox(Protocol):
    """Raises Outage when the database does not answer."""

    async def drain_once(self, publish: Publish, *, limit: int = 256) -> int:
        """Publish up to `limit` waiting messages and mark them; return how many. Several may drain at once: no
        message is taken by two, and none that is leased to somebody. A crash in between publishes again, never not
        at all."""
        ...

    async def mark_published(self, ids: Sequence[MessageId]) -> None:
        """The broker has these on disk, which were leased to the caller: nobody need publish them any more. What was
        put back meanwhile to be sent once more stays; unknown ids are no fault."""
        ...


class Backlog(msgspec.Struct, frozen=True):
    """How many messages wait for the broker, and for how many seconds the oldest of them has."""

    waiting: int
    oldest_seconds: float


class OutboxStats(Protocol):
    """A look at the outbox from outside. Raises Outage when the database does not answer."""

    async def backlog(self) -> Backlog:
        """What waits at this moment."""
        ...


class Publisher(Protocol):
    """The way to the other service. Raises Outage when the broker does not take the messages."""

    async def publish_many(self, messages: Sequence[OutboxMessage]) -> None:
        """Return when the broker has all of them on disk."""
        ...

"""Deliveries: yields messages of a consumer in batches, each to be acknowledged, retried or ended."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

from egpay.domain.errors import Outage


class NewerMessage(Outage):
    """Newer message: a later release wrote it, so it is retried and not dead-lettered.

    Its type, a word of an enum or its version `v` is unknown here; during a rolling upgrade a newer worker
    handles it.
    """


class Delivery(Protocol):
    """Delivery: one message, which exactly one of `ack`, `nak` and `term` ends.

    With none of them the broker delivers it again when the consumer's `ack_wait` is over. Each of them raises
    Outage when the broker is away.
    """

    @property
    def subject(self) -> str:
        """The subject on which it was published."""
        ...

    @property
    def payload(self) -> bytes:
        """The published body, byte for byte."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers: `traceparent` when there is one, and our own `Egpay-Message-Id`."""
        ...

    @property
    def deliveries(self) -> int:
        """How often it has been delivered, this time included: 1 the first time."""
        ...

    @property
    def published_at(self) -> datetime:
        """When the broker stored it, UTC; the same however often it is delivered."""
        ...

    @property
    def stream_sequence(self) -> int:
        """Its place in the stream; the same however often it is delivered."""
        ...

    async def ack(self) -> None:
        """Acknowledge: the message is done."""
        ...

    async def nak(self, delay: float = 0.0) -> None:
        """Retry: the broker delivers it again after `delay` seconds."""
        ...

    async def term(self) -> None:
        """End it without handling: the broker never delivers it again."""
        ...

    async def in_progress(self) -> None:
        """Restart the consumer's `ack_wait`, because the work takes longer; may be called often."""
        ...


Batches: TypeAlias = AsyncGenerator[Sequence[Delivery], None]
"""Close it (`contextlib.aclosing`) when you leave it early, so that no message waits for a reader that
left."""


class MessageSource(Protocol):
    """Message source: pulls the messages of a durable consumer from the broker."""

    def batches(self, consumer: str, *, size: int = 256) -> Batches:
        """Yield the pending messages of a durable consumer, 1 to `size` at a time, as soon as there is one.

        Ends after `stop`; messages that were not yielded return to the broker at once. Raises Outage when the
        consumer does not exist or the broker is away for good: start again later.
        """
        ...

    def stop(self) -> None:
        """Make every `batches` end soon: it yields at most what it has received already."""
        ...

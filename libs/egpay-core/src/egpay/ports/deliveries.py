"""Messages as they reach a worker: in batches, each with the right to say what became of it."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

from egpay.domain.errors import Outage


class NewerMessage(Outage):
    """A later release wrote this message: its type, a word of an enum or its version `v` is unknown here. During a
    rolling upgrade a newer worker handles it, so it is retried and not dead-lettered."""


class Delivery(Protocol):
    """One message in our hands. Exactly one of `ack`, `nak`, `term` ends it; with none of them it comes again when the
    consumer's time for an answer is over. Each of them raises Outage when the broker cannot be told."""

    @property
    def subject(self) -> str:
        """Where it was published."""
        ...

    @property
    def payload(self) -> bytes:
        """What was published, byte for byte."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """What travels beside it: `traceparent` when known, and our own `Egpay-Message-Id`."""
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
        """It is done."""
        ...

    async def nak(self, delay: float = 0.0) -> None:
        """It could not be done now; deliver it again after `delay` seconds."""
        ...

    async def term(self) -> None:
        """It will not be done; never deliver it again."""
        ...

    async def in_progress(self) -> None:
        """It takes longer; start the consumer's time for an answer anew. May be said often."""
        ...


Batches: TypeAlias = AsyncGenerator[Sequence[Delivery], None]
"""Close it (`contextlib.aclosing`) when you leave it before its end: then nothing waits for you in vain."""


class MessageSource(Protocol):
    """Where a worker takes its messages from."""

    def batches(self, consumer: str, *, size: int = 256) -> Batches:
        """Yield what waits for a durable consumer, 1 to `size` messages at a time, as soon as there is one.

        Ends after `stop`; messages that were not yielded go back at once. Raises Outage when the consumer does not
        exist or the broker is away for good: start again later.
        """
        ...

    def stop(self) -> None:
        """Let every `batches` end soon: it yields at most what it has received already."""
        ...

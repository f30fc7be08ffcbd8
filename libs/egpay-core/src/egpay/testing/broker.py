"""In-memory broker: the promises of Publisher and MessageSource, no server, and an outage switch."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase

from egpay.adapters.system.clock import utc_now
from egpay.adapters.wire import MESSAGE_ID
from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.ports.clock import Clock
from egpay.ports.deliveries import Batches
from egpay.ports.outbox import OutboxMessage


@dataclass(slots=True)
class _Cursor:
    """State of a durable consumer: what is waiting, unacknowledged, and how often it was delivered."""

    filters: Sequence[str]
    waiting: list[int] = field(default_factory=list)
    pending: set[int] = field(default_factory=set)
    deliveries: dict[int, int] = field(default_factory=dict)

    def copy(self) -> "_Cursor":
        return _Cursor(self.filters, list(self.waiting), set(self.pending), dict(self.deliveries))


class MemoryBroker:
    """Ports `Publisher` and `MessageSource` in one; a nak ignores its delay, so that tests do not wait.

    `consumers` maps a durable name to its filter subjects (`billing.events.*`); it also gets what was
    published before its first pull. While `away` holds, everything raises Outage.
    """

    def __init__(
        self, consumers: Mapping[str, Sequence[str]] | None = None, *, clock: Clock = utc_now
    ) -> None:
        """Begin with an empty stream; `clock` dates what is published."""
        self.clock = clock
        self.published: list[OutboxMessage] = []
        self.published_at: list[datetime] = []
        self.away = False
        self.delays: list[float] = []
        self._cursors = {name: _Cursor(filters) for name, filters in (consumers or {}).items()}
        self._news = asyncio.Event()
        self._stopping = False

    def copy(self) -> "MemoryBroker":
        """Copy the stream and the state of its consumers; deliveries stay with the original."""
        twin = MemoryBroker(clock=self.clock)
        twin.published, twin.published_at = list(self.published), list(self.published_at)
        twin.away, twin.delays = self.away, list(self.delays)
        twin._cursors = {name: cursor.copy() for name, cursor in self._cursors.items()}
        return twin

    async def publish_many(self, messages: Sequence[OutboxMessage]) -> None:
        """Store all or none."""
        self._answer()
        for message in messages:
            self.published.append(message)
            self.published_at.append(self.clock())
            for cursor in self._cursors.values():
                if any(fnmatchcase(message.subject, pattern) for pattern in cursor.filters):
                    cursor.waiting.append(len(self.published))
        self._news.set()

    async def batches(self, consumer: str, *, size: int = 256) -> Batches:
        """Yield the waiting messages of a consumer, up to `size` at a time."""
        self._answer()
        if consumer not in self._cursors:
            raise Outage(f"consumer {consumer} is missing")
        cursor = self._cursors[consumer]
        while not self._stopping:
            self._news.clear()
            self._answer()
            if batch := self._take(cursor, size):
                yield batch
            else:
                await self._news.wait()

    def stop(self) -> None:
        """End every `batches`."""
        self._stopping = True
        self._news.set()

    def unanswered(self, consumer: str) -> int:
        """Consumer lag: how many messages wait for it or are unacknowledged."""
        cursor = self._cursors[consumer]
        return len(cursor.waiting) + len(cursor.pending)

    def backlog(self, consumer: str) -> list[tuple[MessageId, int]]:
        """Backlog: the message ids that a consumer has yet to be given or to acknowledge, with their deliveries."""
        cursor = self._cursors[consumer]
        return [
            (self.published[sequence - 1].id, cursor.deliveries.get(sequence, 0))
            for sequence in (*sorted(cursor.pending), *cursor.waiting)
        ]

    def lose_worker(self, consumer: str) -> None:
        """Simulate a dead worker: its unacknowledged messages are redelivered."""
        cursor = self._cursors[consumer]
        cursor.waiting = sorted(cursor.pending) + cursor.waiting
        cursor.pending.clear()
        self._news.set()

    def _take(self, cursor: _Cursor, size: int) -> list["MemoryDelivery"]:
        taken, cursor.waiting = cursor.waiting[:size], cursor.waiting[size:]
        for sequence in taken:
            cursor.pending.add(sequence)
            cursor.deliveries[sequence] = cursor.deliveries.get(sequence, 0) + 1
        return [MemoryDelivery(self, cursor, sequence) for sequence in taken]

    def _end(self, cursor: _Cursor, sequence: int, *, again: bool, delay: float = 0.0) -> None:
        self._answer()
        if sequence not in cursor.pending:
            return
        cursor.pending.discard(sequence)
        if again:
            self.delays.append(delay)
            cursor.waiting.append(sequence)
            self._news.set()

    def _answer(self) -> None:
        if self.away:
            raise Outage("the broker is away")


class MemoryDelivery:
    """Port `Delivery` over a MemoryBroker."""

    def __init__(self, broker: MemoryBroker, cursor: _Cursor, sequence: int) -> None:
        """Deliver the message with this sequence number."""
        self._broker, self._cursor = broker, cursor
        self._message = broker.published[sequence - 1]
        self.published_at = broker.published_at[sequence - 1]
        self.stream_sequence = sequence
        self.deliveries = cursor.deliveries[sequence]
        self.extensions = 0

    @property
    def subject(self) -> str:
        """The subject it was published to."""
        return self._message.subject

    @property
    def payload(self) -> bytes:
        """Its body as published."""
        return self._message.payload

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers: the message id and a trace, if any."""
        trace = {"traceparent": self._message.traceparent} if self._message.traceparent else {}
        return {MESSAGE_ID: self._message.id, **trace}

    async def ack(self) -> None:
        """Acknowledge."""
        self._broker._end(self._cursor, self.stream_sequence, again=False)  # noqa: SLF001 - two halves of one double

    async def nak(self, delay: float = 0.0) -> None:
        """Have it redelivered at once; the broker's `delays` records `delay`."""
        self._broker._end(self._cursor, self.stream_sequence, again=True, delay=delay)  # noqa: SLF001

    async def term(self) -> None:
        """Terminate: it is never delivered again."""
        await self.ack()

    async def in_progress(self) -> None:
        """Count the extension in `extensions`."""
        self._broker._answer()  # noqa: SLF001
        self.extensions += 1

"""A broker in memory: the promises of Broker and Source without a server, and a switch to take it away."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase

from egpay.adapters.system.clock import utc_now
from egpay.adapters.wire import MESSAGE_ID
from egpay.domain.errors import Outage
from egpay.ports.clock import Clock
from egpay.ports.deliveries import Batches
from egpay.ports.outbox import OutboxMessage


@dataclass(slots=True)
class _Cursor:
    """What one durable consumer has still to get, is working on, and got how often."""

    filters: Sequence[str]
    waiting: list[int] = field(default_factory=list)
    pending: set[int] = field(default_factory=set)
    deliveries: dict[int, int] = field(default_factory=dict)


class MemoryBroker:
    """Broker and Source in one. A negative answer with a delay is due again at once: tests do not wait.

    `consumers` maps a durable name to the subjects it is given (`billing.events.*`); it sees what was published before
    it was first asked, too. While `away` holds, everything raises Outage.
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

    async def publish_many(self, messages: Sequence[OutboxMessage]) -> None:
        """Store all or nothing."""
        self._answer()
        for message in messages:
            self.published.append(message)
            self.published_at.append(self.clock())
            for cursor in self._cursors.values():
                if any(fnmatchcase(message.subject, pattern) for pattern in cursor.filters):
                    cursor.waiting.append(len(self.published))
        self._news.set()

    async def batches(self, consumer: str, *, size: int = 256) -> Batches:
        """Yield what waits for a consumer; see Source."""
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
        """Let every `batches` end."""
        self._stopping = True
        self._news.set()

    def unanswered(self, consumer: str) -> int:
        """How many messages wait for a consumer or are in its hands."""
        cursor = self._cursors[consumer]
        return len(cursor.waiting) + len(cursor.pending)

    def lose_worker(self, consumer: str) -> None:
        """The worker died with messages in its hands: they come again."""
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
    """Delivery out of a MemoryBroker."""

    def __init__(self, broker: MemoryBroker, cursor: _Cursor, sequence: int) -> None:
        """Hand out the message at this place of the stream."""
        self._broker, self._cursor = broker, cursor
        self._message = broker.published[sequence - 1]
        self.published_at = broker.published_at[sequence - 1]
        self.stream_sequence = sequence
        self.deliveries = cursor.deliveries[sequence]
        self.extensions = 0

    @property
    def subject(self) -> str:
        """Where it was published."""
        return self._message.subject

    @property
    def payload(self) -> bytes:
        """What was published."""
        return self._message.payload

    @property
    def headers(self) -> Mapping[str, str]:
        """What travels beside it."""
        trace = {"traceparent": self._message.traceparent} if self._message.traceparent else {}
        return {MESSAGE_ID: self._message.id, **trace}

    async def ack(self) -> None:
        """It is done."""
        self._broker._end(self._cursor, self.stream_sequence, again=False)  # noqa: SLF001 - two halves of one double

    async def nak(self, delay: float = 0.0) -> None:
        """Again; `delay` is noted in the broker's `delays`."""
        self._broker._end(self._cursor, self.stream_sequence, again=True, delay=delay)  # noqa: SLF001

    async def term(self) -> None:
        """Never again."""
        await self.ack()

    async def in_progress(self) -> None:
        """Counted in `extensions`."""
        self._broker._answer()  # noqa: SLF001
        self.extensions += 1

"""Transactional outbox relay: publishes pending rows in batches, at least once.

The transaction that wrote a message has committed long before; from then on it cannot be lost, only late.
The life of a row is drawn in ports/outbox.py.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from egpay.adaptive_batching import AdaptiveLinger
from egpay.domain.errors import Outage
from egpay.outbox.poison_messages import publish_healthy
from egpay.ports.dead_letters import DeadLetter
from egpay.ports.outbox import Outbox, OutboxMessage, Publisher

_log = logging.getLogger(__name__)


class Relay:
    """Outbox relay: publishes pending rows in batches, at least once, with backoff while a side is away.

    It drains at once when woken, and every `poll` seconds for what other processes left there. While the
    database or the broker is away, it retries without end, after a jittered backoff that doubles from
    `first_delay` to `longest_delay` seconds. Several relays may run side by side; the order between them is
    neither promised nor needed. A message that the broker will never take is dead-lettered alone.
    """

    def __init__(
        self,
        outbox: Outbox,
        broker: Publisher,
        *,
        limit: int = 256,
        linger: float = 0.0,
        poll: float = 0.5,
        first_delay: float = 0.1,
        longest_delay: float = 10.0,
        on_batch: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`limit`: rows of a batch. `on_batch`: called with the size of each batch, for metrics. `linger`:
        seconds to wait for a fuller batch after a wake-up, where no caller waits for the message."""
        self._outbox, self._broker = outbox, broker
        self._limit, self._linger, self._poll = limit, linger, poll
        self._first_delay, self._longest_delay = first_delay, longest_delay
        self._on_batch = on_batch
        self._woken = asyncio.Event()
        self._adaptive_linger = AdaptiveLinger(longest=0.02)
        self._fault: str | None = None

    def wake(self) -> None:
        """Start a drain soon; called after the commit, any number of times."""
        self._woken.set()

    async def run(self) -> None:
        """Drain until cancelled; an error other than Outage goes to the supervisor."""
        delay = 0.0
        with _every(self._poll, self._woken.set):
            while True:
                # Cleared before the drain, so that a row written during it wakes the relay again; the other
                # way round the row would wait for the next poll.
                self._woken.clear()
                try:
                    published = await self.drain()
                except Outage as outage:
                    delay = min(max(2 * delay, self._first_delay), self._longest_delay)
                    await self._back_off(outage, delay)
                else:
                    delay = 0.0
                    await self._adaptive_linger.wait(published)
                    await self._woken.wait()
                    if self._linger:
                        await asyncio.sleep(self._linger)

    async def drain(self) -> int:
        """Publish all pending rows; return how many.

        Raises Outage when the database or the broker is away.
        """
        total = 0
        while True:
            count = await self._outbox.drain_once(self._publish, limit=self._limit)
            self._fault = None
            total += count
            if count < self._limit:
                return total

    async def _publish(self, messages: Sequence[OutboxMessage]) -> Sequence[DeadLetter]:
        refused = await publish_healthy(self._broker, messages)
        for letter in refused:
            said = {"subject": letter.subject, "message_id": letter.message_id, "reason": letter.reason}
            _log.error("dead-lettered", extra={"action": "dead_lettered", **said})
        self._on_batch(len(messages) - len(refused))
        return refused

    async def _back_off(self, outage: Outage, delay: float) -> None:
        if self._fault is None:
            _log.warning(
                "relay backing off",
                extra={"action": "relay_backing_off", "reason": str(outage), "delay": delay},
            )
        self._fault = str(outage)
        await asyncio.sleep(max(delay, outage.retry_after or 0.0) * random.uniform(0.5, 1.0))  # noqa: S311


@contextmanager
def _every(seconds: float, do: Callable[[], None]) -> Iterator[None]:
    """Call `do` every `seconds` during the block; a timeout on each wait would cost every wake a timer."""
    loop = asyncio.get_running_loop()
    timer = loop.call_later(seconds, lambda: tick())  # noqa: PLW0108 - it is not bound yet

    def tick() -> None:
        nonlocal timer
        do()
        timer = loop.call_later(seconds, tick)

    try:
        yield
    finally:
        timer.cancel()

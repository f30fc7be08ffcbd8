"""Group commit: stores what arrived during one commit in the next; refuses when full (backpressure).

A commit costs about the same for one row as for a hundred. So a lone webhook is stored at once, without a linger, and
in a storm the batches grow by themselves. Nothing is acknowledged before its commit.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence

from egpay.domain.errors import Outage
from egpay.outbox.direct_publisher import LEASE_SECONDS
from egpay.ports.inbox import Inbox, Receipt
from egpay.ports.outbox import OutboxMessage

_log = logging.getLogger(__name__)
_Waiting = tuple[Receipt, asyncio.Future[None], float]
"""What to store, the future that waits for its commit, and when that expires (by the event loop's clock)."""


class GroupCommitWriter:
    """Bounded queue before the inbox, with one writer; `run` runs under supervision.

    At most `capacity` receipts wait; beyond that the sender is refused at once, so that it retries (backpressure).
    `batch` go into one commit; `patience` is the longest wait for a commit, in seconds. After each commit `submit`
    receives the messages that it led to, with a `lease` of so many seconds on them.
    """

    def __init__(
        self,
        inbox: Inbox,
        *,
        submit: Callable[[Sequence[OutboxMessage]], None],
        capacity: int = 2000,
        batch: int = 256,
        patience: float = 8.0,
        lease: float = LEASE_SECONDS,
    ) -> None:
        """Start with an empty queue."""
        self._inbox = inbox
        self._submit, self._lease = submit, lease
        self._capacity, self._batch, self._patience = capacity, batch, patience
        self._queue: deque[_Waiting] = deque()
        self._under_way: Sequence[_Waiting] = ()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._filled = asyncio.Event()

    async def store(self, receipt: Receipt) -> None:
        """Return once the receipt is committed.

        Raises Outage when it is not: the sender then retries, and the inbox recognises a receipt that was committed
        after all.
        """
        if len(self._queue) >= self._capacity:
            raise Outage("too many webhooks wait to be stored", retry_after=10)
        loop = self._loop = self._loop or asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        until = loop.time() + self._patience
        self._queue.append((receipt, done, until))
        self._filled.set()
        if self._watch is None:
            self._watch = loop.call_at(until, self._expire_waiters, loop)
        await done

    async def run(self) -> None:
        """Store what waits, one commit after another, until cancelled."""
        while True:
            if not self._queue:
                self._filled.clear()
                await self._filled.wait()
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), self._batch))]
            self._under_way = batch
            try:
                await self._write(batch)
            except BaseException:
                _answer(batch, Outage("the service is stopping", retry_after=1))
                raise
            self._under_way = ()

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        try:
            messages = await self._inbox.record_to_publish(
                [receipt for receipt, _, _ in batch], lease=self._lease
            )
        except Outage as outage:
            _answer(batch, outage)
        except Exception as error:  # noqa: BLE001 - one receipt that cannot be stored must not cost its neighbours
            await self._isolate_failure(batch, error)
        else:
            _answer(batch, None)
            self._submit(messages)

    async def _isolate_failure(self, batch: Sequence[_Waiting], error: Exception) -> None:
        """Isolate the receipt that fails the batch; its sender retries, because by then it may be repaired."""
        if len(batch) > 1:
            for waiting in batch:
                await self._write([waiting])
            return
        _log.error(
            "webhook cannot be stored",
            extra={
                "action": "webhook_not_stored",
                "event_id": batch[0][0].event_id,
                "type": batch[0][0].type,
                "reason": type(error).__name__,
            },
        )
        _answer(batch, Outage("this webhook cannot be stored now", retry_after=60))

    def _expire_waiters(self, loop: asyncio.AbstractEventLoop) -> None:
        """Expire waiters by one timer: a timer for each would cost as much as verifying a signature."""
        self._watch = None
        for waiting in (*self._under_way, *self._queue):
            _, done, until = waiting
            if done.done():
                continue
            if until > loop.time():
                self._watch = loop.call_at(until, self._expire_waiters, loop)
                return
            _answer([waiting], Outage("storing a webhook takes too long", retry_after=10))


def _answer(batch: Sequence[_Waiting], outage: Outage | None) -> None:
    """Resolve every future that still waits; a sender that hung up has cancelled its own."""
    for _, done, _ in batch:
        if done.done():
            continue
        if outage is None:
            done.set_result(None)
        else:  # an exception of its own for each: raised in many tasks, a shared one would collect their traces
            done.set_exception(Outage(str(outage), retry_after=outage.retry_after))

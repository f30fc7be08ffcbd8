"""Many webhooks, one commit: what came in while the last commit ran goes into the next, and nobody waits for company.

A commit costs about the same for one row as for a hundred. So a lone webhook is written at once, and in a storm the
batches grow by themselves. Nothing is acknowledged before its commit.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from checkout_api.patience import Patience
from egpay.domain.errors import Outage
from egpay.ports.inbox import Inbox, Receipt

_log = logging.getLogger(__name__)
_Waiting = tuple[Receipt, asyncio.Future[None]]


class Ingestion:
    """A bounded queue before the inbox, with one writer; run `run` under supervision.

    `capacity` receipts may wait at most, beyond that the sender is asked at once to come back; `batch` go into one
    commit; `patience` is the longest anybody waits for a commit, in seconds; `wake` is called after each commit.
    """

    def __init__(
        self,
        inbox: Inbox,
        *,
        wake: Callable[[], None],
        capacity: int = 2000,
        batch: int = 256,
        patience: float = 8.0,
    ) -> None:
        """Begin with an empty queue."""
        self._inbox = inbox
        self._wake = wake
        self._capacity, self._batch, self._patience = capacity, batch, Patience(patience)
        self._queue: deque[_Waiting] = deque()
        self._filled = asyncio.Event()

    async def keep(self, receipt: Receipt) -> None:
        """Return once the receipt is committed. Raises Outage when it is not: the sender then comes again, and if it
        was committed after all it is recognised."""
        if len(self._queue) >= self._capacity:
            raise Outage("too many webhooks wait to be stored", retry_after=10)
        done: asyncio.Future[None] = self._patience.loop().create_future()
        self._queue.append((receipt, done))
        self._filled.set()
        turn = self._patience.begin(partial(_too_late, done))
        try:
            await done
        finally:
            turn.end()

    async def run(self) -> None:
        """Write what waits, for ever."""
        while True:
            if not self._queue:
                self._filled.clear()
                await self._filled.wait()
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), self._batch))]
            try:
                await self._write(batch)
            except BaseException:
                _answer(batch, Outage("the service is stopping", retry_after=1))
                raise

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        try:
            await self._inbox.record_many([receipt for receipt, _ in batch])
        except Outage as outage:
            _answer(batch, outage)
        except Exception as error:  # noqa: BLE001 - one receipt that cannot be stored must not cost its neighbours
            await self._write_apart(batch, error)
        else:
            _answer(batch, None)
            self._wake()

    async def _write_apart(self, batch: Sequence[_Waiting], error: Exception) -> None:
        """Find the one that spoils the batch. Its sender is told to come again, for by then it may be mended."""
        if len(batch) > 1:
            for waiting in batch:
                await self._write([waiting])
            return
        _log.error(
            "webhook cannot be stored",
            extra={
                "event_id": batch[0][0].event_id,
                "type": batch[0][0].type,
                "reason": type(error).__name__,
            },
        )
        _answer(batch, Outage("this webhook cannot be stored now", retry_after=60))


def _too_late(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_exception(Outage("storing a webhook takes too long", retry_after=10))


def _answer(batch: Sequence[_Waiting], outage: Outage | None) -> None:
    """Tell everybody who still waits; whoever hung up has cancelled its future."""
    for _, done in batch:
        if done.done():
            continue
        if outage is None:
            done.set_result(None)
        else:  # an exception of its own for each: raised in many tasks, a shared one would collect their traces
            done.set_exception(Outage(str(outage), retry_after=outage.retry_after))

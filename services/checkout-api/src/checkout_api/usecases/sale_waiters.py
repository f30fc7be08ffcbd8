"""Long polling: requests that wait for a change of their sales share one query each interval."""

import asyncio
from dataclasses import dataclass

from egpay.domain.errors import Outage
from egpay.domain.values import SaleId
from egpay.ports.sale_versions import SaleVersions


@dataclass(eq=False, slots=True)
class _Waiter:
    sale_id: SaleId
    since: int
    done: asyncio.Future[None]


class SaleWaiters:
    """Bounded set of waiting requests, with one query for all of their sales; `run` runs under supervision.

    Beyond `capacity` no request waits: it is answered at once, and its client asks again. The database tells no one of
    a change (a NOTIFY takes a lock of the whole database in every commit), so it is asked every `interval` seconds, and
    only while a request waits.
    """

    def __init__(self, versions: SaleVersions, *, interval: float = 1.0, capacity: int = 200) -> None:
        """Start without a waiting request."""
        self._versions, self._interval, self._capacity = versions, interval, capacity
        self._waiting: set[_Waiter] = set()
        self._some = asyncio.Event()
        self._leaving = False

    async def changed(self, sale_id: SaleId, since: int, *, seconds: float) -> bool:
        """Return when the sale has another version, after `seconds`, or at once where no more can wait: then false."""
        if self._leaving or len(self._waiting) >= self._capacity:
            return False
        waiter = _Waiter(sale_id, since, asyncio.get_running_loop().create_future())
        self._waiting.add(waiter)
        self._some.set()
        try:
            await asyncio.wait({waiter.done}, timeout=seconds)
        finally:
            self._waiting.discard(waiter)
        return not self._leaving

    async def run(self) -> None:
        """Ask for the versions of what waits, one query after another, until cancelled."""
        while True:
            await self._some.wait()
            await asyncio.sleep(self._interval)
            if not self._waiting:
                self._some.clear()
                continue
            asked = list(self._waiting)  # of who comes during the query it says nothing
            try:
                versions = await self._versions.of({one.sale_id for one in asked})
            except Outage:
                continue  # they go on waiting, and their own query says it when their time is over
            for one in asked:
                if versions.get(one.sale_id) != one.since and not one.done.done():
                    one.done.set_result(None)

    def release(self) -> None:
        """Answer every request now and let none wait any more, because the process stops."""
        self._leaving = True
        for one in self._waiting:
            if not one.done.done():
                one.done.set_result(None)

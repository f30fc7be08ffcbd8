"""Archive job: archives replaced prices at the provider once no page that sells one can be open."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from egpay.domain.errors import EgpayError
from egpay.ports.clock import Clock
from egpay.ports.reconciliation import LeaderLock
from egpay.ports.replaced_prices import ReplacedPrices

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ArchivePricesJob:
    """Archives what is due, as the leader; archiving one again, after a crash before the mark, changes nothing.

    `archive` returns why a price stays, None when it is archived; prices of another installation are left alone. A
    price that the provider refuses to archive is tried again at each turn, because a person may end the reason there.
    """

    prices: ReplacedPrices
    archive: Callable[[str], Awaitable[str | None]]
    leadership: LeaderLock
    clock: Clock
    every: float = 600.0

    async def run(self) -> None:
        """Archive periodically until cancelled; what fails is due again at the next turn."""
        while True:
            await asyncio.sleep(self.every * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, guards nothing
            try:
                await self.turn()
            except EgpayError as fault:
                _log.warning(
                    "archiving postponed", extra={"action": "archiving_postponed", "reason": str(fault)}
                )

    async def turn(self) -> Sequence[str]:
        """Archive what is due; return the ids. Raises Outage of the database or the provider."""
        async with self.leadership.held() as leads:
            due = await self.prices.archivable(at=self.clock()) if leads else ()
            done = [price for price in due if await self._archived(price)]
        if done:
            _log.info("prices archived", extra={"action": "prices_archived", "count": len(done)})
        return done

    async def _archived(self, price: str) -> bool:
        if reason := await self.archive(price):
            _log.warning("price not archived", extra={"action": "price_not_archived", "reason": reason})
            return False
        await self.prices.archived(price)
        return True

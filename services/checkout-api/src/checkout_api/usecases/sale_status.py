"""Sale status: reports a purchase to the holder of its unguessable id, at once or when it changes."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from checkout_api.usecases.sale_state import SaleState, sale_state
from checkout_api.usecases.sale_waiters import SaleWaiters
from checkout_api.usecases.withdrawal_period import withdraw_until
from egpay.domain.errors import Refusal
from egpay.domain.values import SaleId
from egpay.ports.clock import Clock
from egpay.ports.sale_versions import SaleVersions
from egpay.ports.storage import Begin

_SALE_ID = re.compile(r"sale_[a-z0-9]{20,40}")


class NoSuchSale(Refusal):
    """There is no sale with this id."""


def sale_id_in(text: str) -> SaleId:
    """The sale's id of a path. Raises NoSuchSale for what has not the form of one."""
    if not _SALE_ID.fullmatch(text):
        raise NoSuchSale("there is no such sale")
    return SaleId(text)


@dataclass(frozen=True, slots=True)
class SaleStatusOf:
    """Loads the status of a sale, with the subscription it began and the shipment it led to."""

    begin: Begin
    versions: SaleVersions
    waiters: SaleWaiters
    look: Callable[[SaleId], Awaitable[None]]
    clock: Clock
    public_url: str = ""
    withdrawal_days: int = 0
    late_after: float = 3.0
    """Seconds after which a webhook is late: then the provider is asked."""

    async def __call__(self, sale_id: str, *, since: int | None = None, seconds: float = 0) -> SaleState:
        """Load it; while it is of the version `since`, wait for a change, at most `seconds`.

        Raises NoSuchSale for an id that is not ours, and Outage when the database is away.
        """
        known = sale_id_in(sale_id)
        version = await self._version(known)
        if seconds > 0 and version == since:
            version = await self._next(known, version, seconds=seconds)
        return await self._loaded(known, version)

    async def _next(self, sale_id: SaleId, version: int, *, seconds: float) -> int:
        """Wait for another version; where none comes soon, ask the provider, and wait on for what is left."""
        time = asyncio.get_running_loop().time
        soon, until = min(seconds, self.late_after), time() + seconds
        waited = await self.waiters.changed(sale_id, version, seconds=soon)
        now = await self._version(sale_id)
        if now != version or not waited or soon >= seconds:
            return now
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self.look(sale_id)
        await self.waiters.changed(sale_id, version, seconds=max(0, until - time()))
        return await self._version(sale_id)

    async def _version(self, sale_id: SaleId) -> int:
        """Read it before the sale: what changes in between is then shown, and told once more."""
        found = await self.versions.of([sale_id])
        if sale_id not in found:
            raise NoSuchSale("there is no such sale")
        return found[sale_id]

    async def _loaded(self, sale_id: SaleId, version: int) -> SaleState:
        async with self.begin() as uow:
            found = await uow.sales.find(sale_id)
            if found is None:
                raise NoSuchSale("there is no such sale")
            subscription = await uow.sales.subscription(sale_id)
            shipment = await uow.sales.shipment(sale_id)
            introduced = await uow.sales.introduced(sale_id)
        days, now = self.withdrawal_days, self.clock()
        return sale_state(
            *found,
            version=version,
            subscription=subscription,
            shipment=shipment,
            introduced=introduced,
            public_url=self.public_url,
            until=withdraw_until(*found, shipment, days=days, at=now),
        )

"""Late webhook: looks at the session of a sale that a buyer waits for, and stores what it tells like a webhook."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeAlias

from checkout_api.usecases.receive_webhook import StoreReceipt
from egpay.domain.errors import Defect, Outage
from egpay.domain.sale import SaleStatus
from egpay.domain.values import SaleId, SessionId
from egpay.ports.inbox import Receipt
from egpay.ports.storage import Begin

LookAtSession: TypeAlias = Callable[[SessionId], Awaitable[Sequence[Receipt]]]
"""Ask the provider for a session that ended, with what it led to; nothing while it is open. Raises Outage, Defect."""

_REMEMBERED = 10_000


class LateWebhook:
    """Asks the provider about a session that should have ended, at most once in `pause` seconds for each sale.

    What it answers is stored by the way of every webhook, under an id of its own, so that the webhook may still come. A
    buyer who returned before the webhook then reads what is true a few seconds later, also when none ever comes.
    """

    def __init__(
        self,
        begin: Begin,
        look: LookAtSession,
        store: StoreReceipt,
        *,
        pause: float = 30.0,
        patience: float = 5.0,
    ) -> None:
        """Start with no sale looked at; the provider has `patience` seconds to answer."""
        self._begin, self._look, self._store = begin, look, store
        self._pause, self._patience = pause, patience
        self._looked: OrderedDict[SaleId, float] = OrderedDict()

    async def __call__(self, sale_id: SaleId) -> None:
        """Look, if it is time to; what goes wrong is left to the webhook and to the reconciliation."""
        if not self._is_time(sale_id):
            return
        with suppress(Outage, Defect, TimeoutError):
            async with asyncio.timeout(self._patience):
                if (session := await self._open_session(sale_id)) is None:
                    return
                for receipt in await self._look(session):
                    await self._store(receipt)

    def _is_time(self, sale_id: SaleId) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self._looked.get(sale_id, -self._pause) < self._pause:
            return False
        self._looked[sale_id] = now
        self._looked.move_to_end(sale_id)
        if len(self._looked) > _REMEMBERED:
            self._looked.popitem(last=False)
        return True

    async def _open_session(self, sale_id: SaleId) -> SessionId | None:
        """The session of a sale for which nothing was reported yet."""
        async with self._begin() as uow:
            found = await uow.sales.find(sale_id)
            page = await uow.sales.session(sale_id)
        waits = found is not None and found[0].status is SaleStatus.IN_PROGRESS
        return page.id if page and waits else None

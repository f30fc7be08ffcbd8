"""Unpaid customers job: deletes at the provider what an order left there that was never paid."""

import asyncio
import logging
import random
from dataclasses import dataclass
from datetime import timedelta

from egpay.domain.errors import Defect, Outage
from egpay.domain.values import CustomerId
from egpay.ports.clock import Clock
from egpay.ports.payments import Payments
from egpay.ports.storage import Begin

KEPT = timedelta(days=30)
"""How long a customer is kept after the last page that was opened for it, unless the order is paid."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UnpaidCustomersJob:
    """Gives up customers of orders that were never paid, and has the provider delete them.

    Every worker runs it; two that meet delete the same customer, which is one deletion. At most `most` are deleted in
    one turn, each within the rate limit. One that the provider does not delete waits behind the others.
    """

    begin: Begin
    payments: Payments
    clock: Clock
    every: float = 3600.0
    most: int = 50

    async def run(self) -> None:
        """Delete periodically until cancelled; an Outage of database or provider is retried at the next turn."""
        while True:
            await asyncio.sleep(self.every * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, guards nothing
            try:
                await self.turn()
            except Outage as outage:
                _log.warning(
                    "deleting customers postponed",
                    extra={"action": "customers_postponed", "reason": str(outage)},
                )

    async def turn(self) -> int:
        """Delete what is due; return how many. Raises Outage, and what was deleted until then stays deleted."""
        now = self.clock()
        async with self.begin() as uow:
            due = await uow.customers.give_up(unused_since=now - KEPT, at=now, most=self.most)
        deleted = 0
        for customer in due:
            deleted += await self._delete(customer)
        if deleted:
            _log.info("customers deleted", extra={"action": "customers_deleted", "count": deleted})
        return deleted

    async def _delete(self, customer: CustomerId) -> bool:
        gone = await self._gone(customer)
        async with self.begin() as uow:
            if gone:
                await uow.customers.deleted(customer, at=self.clock())
            else:
                await uow.customers.put_off(customer, at=self.clock())
        return gone

    async def _gone(self, customer: CustomerId) -> bool:
        """Whether the provider has it no more; a subscription that our books do not know keeps it."""
        try:
            gone = await self.payments.delete_customer(customer)
        except Defect as defect:
            _log.error(
                "deleting a customer refused", extra={"action": "customer_refused", "reason": str(defect)}
            )
            return False
        if not gone:
            _log.warning(
                "customer not deleted",
                extra={"action": "customer_kept", "reason": "the provider has a subscription of it"},
            )
        return gone

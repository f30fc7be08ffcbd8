"""In-memory customers at the provider."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from egpay.domain.sale import SessionProgress
from egpay.domain.values import CustomerId, SaleId
from egpay.ports.customers import SaleCustomer
from egpay.testing.memory.store import MadeCustomer, Tables


@dataclass(frozen=True, slots=True)
class MemoryCustomers:
    """Port `Customers` over tables in memory."""

    tables: Tables

    async def of_sale(self, sale_id: SaleId, *, at: datetime) -> SaleCustomer:
        """The customer that is not given up, marked as used."""
        made = [(key, one) for key, one in sorted(self.tables.customers.items()) if one.sale_id == sale_id]
        for key, one in made:
            if one.given_up_at is None:
                self.tables.customers[key] = replace(one, used_at=max(one.used_at, at))
                return SaleCustomer(id=key)
        return SaleCustomer(number=len(made) + 1)

    async def made_for(self, sale_id: SaleId) -> bool:
        """Whether there is a row."""
        return any(one.sale_id == sale_id for one in self.tables.customers.values())

    async def store(self, customer: CustomerId, sale_id: SaleId, *, at: datetime) -> None:
        """Store it once."""
        self.tables.customers.setdefault(customer, MadeCustomer(sale_id, at))

    async def give_up(self, *, unused_since: datetime, at: datetime, most: int) -> Sequence[CustomerId]:
        """Judge what is due, then list what is given up and still unpaid."""
        rows = self.tables.customers
        due = sorted(
            (one.used_at, key)
            for key, one in rows.items()
            if one.used_at < unused_since
            and not one.given_up_at
            and not one.kept
            and not self._is_pending(one.sale_id)
        )
        for _, key in due[:most]:
            kept = self._is_of_use(key)
            rows[key] = replace(rows[key], kept=kept, given_up_at=None if kept else at)
        waiting = sorted(
            (one.given_up_at, key)
            for key, one in rows.items()
            if one.given_up_at
            and not one.deleted_at
            and not self._is_of_use(key)
            and not self._is_pending(one.sale_id)
        )
        return [key for _, key in waiting][:most]

    async def deleted(self, customer: CustomerId, *, at: datetime) -> None:
        """Store when."""
        self.tables.customers[customer] = replace(self.tables.customers[customer], deleted_at=at)

    async def put_off(self, customer: CustomerId, *, at: datetime) -> None:
        """Move it to the end of what waits."""
        self.tables.customers[customer] = replace(self.tables.customers[customer], given_up_at=at)

    def _is_of_use(self, customer: CustomerId) -> bool:
        sale_id = self.tables.customers[customer].sale_id
        sale = self.tables.sales.get(sale_id) if sale_id else None
        paid = sale is not None and (sale.paid or sale.subscription_id is not None)
        return paid or any(
            one.customer_id == customer or (sale_id is not None and one.sale_id == sale_id)
            for one in self.tables.subscriptions.values()
        )

    def _is_pending(self, sale_id: SaleId | None) -> bool:
        sale = self.tables.sales.get(sale_id) if sale_id else None
        return sale is not None and not sale.paid and sale.session_progress is SessionProgress.COMPLETED

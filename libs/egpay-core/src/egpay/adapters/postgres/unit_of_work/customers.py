"""Customer repository: the customers made for orders, from their first page to their deletion at the provider."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters.postgres.schema.tables import customers
from egpay.domain.sale import SessionProgress
from egpay.domain.values import CustomerId, SaleId
from egpay.ports.customers import SaleCustomer

CUSTOMER = customers.c

_OF_USE = """
    EXISTS (SELECT FROM sales WHERE sales.id = made.sale_id AND (paid_at IS NOT NULL OR subscription_id IS NOT NULL))
    OR EXISTS (SELECT FROM subscriptions AS one WHERE one.sale_id = made.sale_id)
    OR EXISTS (SELECT FROM subscriptions AS one WHERE one.customer_id = made.id)
"""
"""Money or a subscription came of the order: the customer stays."""
_PENDING = f"""
    EXISTS (
        SELECT FROM sales WHERE sales.id = made.sale_id
        AND paid_at IS NULL AND session_progress = {SessionProgress.COMPLETED.value}
    )
"""
_JUDGE = text(f"""
    WITH due AS MATERIALIZED (
        SELECT made.id, {_OF_USE} AS kept FROM customers AS made
        WHERE used_at < :unused_since AND given_up_at IS NULL AND NOT made.kept AND NOT {_PENDING}
        ORDER BY used_at LIMIT :most
    )
    UPDATE customers SET kept = due.kept, given_up_at = CASE WHEN due.kept THEN NULL ELSE CAST(:at AS TIMESTAMPTZ) END
    FROM due WHERE customers.id = due.id AND customers.used_at < :unused_since
""")  # noqa: S608 - built from conditions of ours only
_GIVEN_UP = text(f"""
    SELECT id FROM customers AS made
    WHERE given_up_at IS NOT NULL AND deleted_at IS NULL AND NOT ({_OF_USE}) AND NOT {_PENDING}
    ORDER BY given_up_at, id LIMIT :most
""")  # noqa: S608 - built from conditions of ours only


class PostgresCustomers(msgspec.Struct, frozen=True):
    """Port `Customers` over its table."""

    connection: AsyncConnection

    async def of_sale(self, sale_id: SaleId, *, at: datetime) -> SaleCustomer:
        """Mark it as used by an update: of this one and `give_up`, the second waits and then sees the first."""
        used = (
            update(customers)
            .where(CUSTOMER.sale_id == sale_id, CUSTOMER.given_up_at.is_(None))
            .values(used_at=func.greatest(CUSTOMER.used_at, at))
            .returning(CUSTOMER.id)
        )
        found = sorted((await self.connection.scalars(used)).all())
        if found:
            return SaleCustomer(id=CustomerId(found[0]))
        # Only those given up: one that another tab stores between the two statements would be counted, and this tab
        # would make a second customer, with a second page.
        given_up = select(func.count(CUSTOMER.id)).where(
            CUSTOMER.sale_id == sale_id, CUSTOMER.given_up_at.is_not(None)
        )
        return SaleCustomer(number=1 + (await self.connection.scalar(given_up) or 0))

    async def made_for(self, sale_id: SaleId) -> bool:
        """Whether there is a row."""
        made = select(CUSTOMER.id).where(CUSTOMER.sale_id == sale_id)
        return bool(await self.connection.scalar(select(made.exists())))

    async def store(self, customer: CustomerId, sale_id: SaleId, *, at: datetime) -> None:
        """Store it once."""
        new = insert(customers).values(id=customer, sale_id=sale_id, used_at=at)
        await self.connection.execute(new.on_conflict_do_nothing())

    async def give_up(self, *, unused_since: datetime, at: datetime, most: int) -> Sequence[CustomerId]:
        """Judge what is due, then list what is given up and still unpaid."""
        given = {"unused_since": unused_since, "at": at, "most": most}
        await self.connection.execute(_JUDGE, given)
        found = await self.connection.scalars(_GIVEN_UP, {"most": most})
        return [CustomerId(name) for name in found.all()]

    async def deleted(self, customer: CustomerId, *, at: datetime) -> None:
        """Store when."""
        await self._change(customer, deleted_at=at)

    async def put_off(self, customer: CustomerId, *, at: datetime) -> None:
        """Move it to the end of what waits."""
        await self._change(customer, given_up_at=at)

    async def _change(self, customer: CustomerId, **moments: datetime) -> None:
        await self.connection.execute(update(customers).where(CUSTOMER.id == customer).values(**moments))

"""Sale repository: the sale, its lines, its session, and the timeline of what happened to it."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import RowMapping, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters.postgres.connection import advisory_locks
from egpay.adapters.postgres.schema.tables import sale_lines, sales, shipments, subscriptions, timeline
from egpay.adapters.postgres.unit_of_work.rows import columns, row, value
from egpay.domain.order import Order, OrderLine, PaymentMethod
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.timeline import Entry
from egpay.domain.values import Address, EmailKey, SaleId, SessionId
from egpay.ports.payments import CheckoutSession


class PostgresTimeline(msgspec.Struct, frozen=True):
    """Port `Timeline` over the table of entries."""

    connection: AsyncConnection

    async def note(self, *entries: Entry) -> None:
        """Append entries."""
        if entries:
            await self.connection.execute(insert(timeline), [row(entry) for entry in entries])

    async def of(self, sale_id: SaleId) -> Sequence[Entry]:
        """Entries of a sale, oldest first; those of one moment in the order in which they were written."""
        query = (
            select(*columns(timeline, Entry))
            .where(or_(timeline.c.sale_id == sale_id, timeline.c.subject == sale_id))
            .order_by(timeline.c.at, timeline.c.id)
        )
        return [value(found, Entry) for found in (await self.connection.execute(query)).mappings()]


LINES = select(*columns(sale_lines, OrderLine)).order_by(sale_lines.c.position)
PLACED = select(
    *columns(sales, Sale), sales.c.payment, sales.c.ordered_billing_email, sales.c.shipping_address
)
SUBSCRIPTIONS = select(*columns(subscriptions, Subscription))
OPEN_SUBSCRIPTION = text("plan IS NOT NULL AND status IN ('in_progress', 'awaiting_payment')")
"""The constraint's condition, word for word, because PostgreSQL matches the index by its text."""


class PostgresSales(msgspec.Struct, frozen=True):
    """Port `Sales` over the tables of sales and their lines."""

    connection: AsyncConnection

    async def add(self, sale: Sale, order: Order) -> bool:
        """Store a new sale, in one row with its `email_key`, `plan` and status; false if one is open.

        Of two at once the second waits for the first, and then finds it (`uq_sales_open_subscription`)."""
        address = order.shipping_address
        new = upsert(sales).values(
            **row(sale),
            payment=order.payment,
            ordered_billing_email=order.billing_email,
            shipping_address=None if address is None else row(address),
        )
        unless_open = new.on_conflict_do_nothing(index_elements=["email_key"], index_where=OPEN_SUBSCRIPTION)
        if await self.connection.scalar(unless_open.returning(sales.c.id)) is None:
            return False
        lines = [{"sale_id": sale.id, "position": i, **row(line)} for i, line in enumerate(order.lines)]
        await self.connection.execute(insert(sale_lines), lines)
        return True

    async def open_to(self, key: EmailKey) -> SaleId | None:
        """The open sale of a subscription to this e-mail, of which the constraint allows one."""
        query = select(sales.c.id).where(sales.c.email_key == key, OPEN_SUBSCRIPTION)
        found: SaleId | None = await self.connection.scalar(query)
        return found

    async def find(self, sale_id: SaleId) -> tuple[Sale, Order] | None:
        """Load the sale with its order, as it was placed."""
        found = await self._row(sale_id)
        if found is None:
            return None
        lines = await self.connection.execute(LINES.where(sale_lines.c.sale_id == sale_id))
        return _sale(found), _order(found, tuple(value(line, OrderLine) for line in lines.mappings()))

    async def session_opened(self, sale_id: SaleId, session: CheckoutSession, *, attempt: int = 1) -> bool:
        """Store the Checkout session, as `Sale.session_opened` rules."""
        before = await self._held(sale_id)
        if before is None:
            return True
        after = before.session_opened(session.id, attempt=attempt)
        if after.is_open_subscription_order and await self.open_to(after.email_key) not in (None, sale_id):
            return False
        if after.checkout_session_id == session.id:
            await self._change(after, checkout_url=session.url, checkout_expires_at=session.expires_at)
        return True

    async def session_closed(self, sale_id: SaleId, session: SessionId | None) -> None:
        """Store that the session is closed, as `Sale.session_closed` rules."""
        before = await self._held(sale_id)
        if before is not None:
            await self._change(before.session_closed(session))

    async def session(self, sale_id: SaleId) -> CheckoutSession | None:
        """The Checkout session stored last."""
        page = select(sales.c.checkout_session_id, sales.c.checkout_url, sales.c.checkout_expires_at)
        found = (await self.connection.execute(page.where(sales.c.id == sale_id))).mappings().one_or_none()
        if found is None or found["checkout_url"] is None:
            return None
        return CheckoutSession(
            id=found["checkout_session_id"],
            url=found["checkout_url"],
            expires_at=found["checkout_expires_at"],
        )

    async def shipment(self, sale_id: SaleId) -> Shipment | None:
        """The shipment, if one was due."""
        query = select(*columns(shipments, Shipment)).where(shipments.c.sale_id == sale_id)
        found = (await self.connection.execute(query)).mappings().one_or_none()
        return None if found is None else value(found, Shipment)

    async def subscription(self, sale_id: SaleId) -> Subscription | None:
        """The subscription that names the sale or is named by it; of several, the newest reported one."""
        own = select(sales.c.subscription_id).where(sales.c.id == sale_id).scalar_subquery()
        query = SUBSCRIPTIONS.where((subscriptions.c.sale_id == sale_id) | (subscriptions.c.id == own))
        newest = query.order_by(subscriptions.c.reported_at.desc(), subscriptions.c.id).limit(1)
        found = (await self.connection.execute(newest)).mappings().one_or_none()
        return None if found is None else value(found, Subscription)

    async def _held(self, sale_id: SaleId) -> Sale | None:
        """Load the sale under its lock, so that no worker and no other order writes on it."""
        key = await self.connection.scalar(select(sales.c.email_key).where(sales.c.id == sale_id))
        if key is None:
            return None
        await self.connection.exec_driver_sql(advisory_locks.TAKE, ([advisory_locks.account(key)],))
        found = await self._row(sale_id)
        return None if found is None else _sale(found)

    async def _change(self, after: Sale, **page: object) -> None:
        await self.connection.execute(
            update(sales)
            .where(sales.c.id == after.id)
            .values(
                status=after.status,
                session_attempt=after.session_attempt,
                session_progress=after.session_progress,
                checkout_session_id=after.checkout_session_id,
                updated_at=func.now(),
                **page,
            )
        )

    async def _row(self, sale_id: SaleId) -> RowMapping | None:
        return (await self.connection.execute(PLACED.where(sales.c.id == sale_id))).mappings().one_or_none()


def _sale(found: RowMapping) -> Sale:
    return value(found, Sale)


def _order(found: RowMapping, lines: tuple[OrderLine, ...]) -> Order:
    address = found["shipping_address"]
    return Order(
        organisation=found["organisation"],
        name=found["name"],
        email=found["email"],
        lines=lines,
        billing_email=found["ordered_billing_email"],
        shipping_address=None if address is None else msgspec.convert(address, Address),
        payment=PaymentMethod(found["payment"]),
    )

"""Sale repository: the sale, its lines and its session."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters.postgres.connection import advisory_locks
from egpay.adapters.postgres.schema.tables import (
    emails,
    sale_lines,
    sales,
    shipments,
    subscriptions,
)
from egpay.adapters.postgres.unit_of_work.rows import columns, row, value
from egpay.domain.errors import Refusal
from egpay.domain.letters import INTRODUCTIONS
from egpay.domain.order import Order, OrderLine, PaymentMethod, fold_name
from egpay.domain.sale import Sale, SaleStatus
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import ENDED, Subscription
from egpay.domain.values import Address, CustomerId, EmailKey, SaleId, SessionId, email_key
from egpay.ports.payments import CheckoutSession

LINES = select(*columns(sale_lines, OrderLine)).order_by(sale_lines.c.position)
PLACED = select(
    *columns(sales, Sale),
    *(sales.c[name] for name in ("payment", "ordered_billing_email", "shipping_address", "phone", "locale")),
)
SUBSCRIPTIONS = select(*columns(subscriptions, Subscription))


class PostgresSales(msgspec.Struct, frozen=True):
    """Port `Sales` over the tables of sales and their lines."""

    connection: AsyncConnection

    async def add(self, sale: Sale, order: Order) -> None:
        """Store a new sale, in one row with its keys, its `plan`, status and `order_hash`."""
        address = order.shipping_address
        new = insert(sales).values(
            **row(sale),
            payment=order.payment,
            ordered_billing_email=order.billing_email,
            shipping_address=None if address is None else row(address),
            order_hash=order.fingerprint(sale.customer_id),
            phone=order.phone,
            locale=order.locale,
            organisation_key=fold_name(sale.organisation),
        )
        await self.connection.execute(new)
        lines = [{"sale_id": sale.id, "position": i, **row(line)} for i, line in enumerate(order.lines)]
        await self.connection.execute(insert(sale_lines), lines)

    async def open_order(
        self, order: Order, *, at: datetime, customer: CustomerId | None = None
    ) -> SaleId | None:
        """The open sale of this order, under the lock of its e-mail; the oldest, if there are several."""
        await self._lock(email_key(order.email))
        page = sales.c.checkout_expires_at
        query = (
            select(sales.c.id)
            .where(
                sales.c.order_hash == order.fingerprint(customer),
                sales.c.status == SaleStatus.IN_PROGRESS,
                page.is_(None) | (page > at),
            )
            .order_by(sales.c.created_at, sales.c.id)
            .limit(1)
        )
        found: SaleId | None = await self.connection.scalar(query)
        return found

    async def open_pages(self, key: EmailKey, organisation: str) -> Sequence[tuple[SaleId, SessionId]]:
        """The open pages of subscriptions; names are folded here, because PostgreSQL folds others."""
        query = select(sales.c.id, sales.c.checkout_session_id, sales.c.organisation).where(
            sales.c.email_key == key,
            sales.c.plan.is_not(None),
            sales.c.status == SaleStatus.IN_PROGRESS,
            sales.c.checkout_session_id.is_not(None),
        )
        found = await self.connection.execute(query.order_by(sales.c.id))
        wanted = fold_name(organisation)
        return [(sale_id, page) for sale_id, page, name in found if fold_name(name) == wanted]

    async def find(self, sale_id: SaleId) -> tuple[Sale, Order] | None:
        """Load the sale with its order, as it was placed."""
        found = await self._row(sale_id)
        if found is None:
            return None
        lines = await self.connection.execute(LINES.where(sale_lines.c.sale_id == sale_id))
        return _sale(found), _order(found, tuple(value(line, OrderLine) for line in lines.mappings()))

    async def session_opened(self, sale_id: SaleId, session: CheckoutSession, *, attempt: int = 1) -> None:
        """Store the Checkout session, as `Sale.session_opened` rules."""
        before = await self._held(sale_id)
        if before is None:
            return
        if before.cancelled:
            raise Refusal("the order was cancelled meanwhile")
        after = before.session_opened(session.id, attempt=attempt)
        if after.checkout_session_id == session.id:
            await self._change(after, checkout_url=session.url, checkout_expires_at=session.expires_at)

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
        """The subscription that names the sale or is named by it; of several, one that lives, then the one named."""
        own = select(sales.c.subscription_id).where(sales.c.id == sale_id).scalar_subquery()
        query = SUBSCRIPTIONS.where((subscriptions.c.sale_id == sale_id) | (subscriptions.c.id == own))
        query = query.order_by(
            subscriptions.c.status.in_(ENDED),
            subscriptions.c.id.is_distinct_from(own),
            subscriptions.c.reported_at.desc(),
            subscriptions.c.id,
        )
        found = (await self.connection.execute(query.limit(1))).mappings().one_or_none()
        return None if found is None else value(found, Subscription)

    async def introduced(self, sale_id: SaleId) -> bool:
        """Whether one of the letters was handed to the mail server."""
        letters = select(emails.c.kind).where(
            emails.c.sale_id == sale_id, emails.c.kind.in_(INTRODUCTIONS), emails.c.sent_at.is_not(None)
        )
        return bool(await self.connection.scalar(select(letters.exists())))

    async def _held(self, sale_id: SaleId) -> Sale | None:
        """Load the sale under its lock, so that no worker and no other order writes on it."""
        key = await self.connection.scalar(select(sales.c.email_key).where(sales.c.id == sale_id))
        if key is None:
            return None
        await self._lock(key)
        found = await self._row(sale_id)
        return None if found is None else _sale(found)

    async def _lock(self, key: EmailKey) -> None:
        await self.connection.exec_driver_sql(advisory_locks.TAKE, ([advisory_locks.account(key)],))

    async def _change(self, after: Sale, **page: object) -> None:
        await self.connection.execute(
            update(sales)
            .where(sales.c.id == after.id)
            .values(
                status=after.status,
                session_attempt=after.session_attempt,
                session_progress=after.session_progress,
                session_ended_at=after.session_ended_at,
                checkout_session_id=after.checkout_session_id,
                changes=sales.c.changes + 1,
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
        phone=found["phone"],
        locale=found["locale"],
        another_organisation=found["another_organisation"],
    )

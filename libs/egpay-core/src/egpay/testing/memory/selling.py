"""In-memory catalogue and sales."""

from collections.abc import Sequence
from dataclasses import dataclass

from egpay.domain.catalogue import Product
from egpay.domain.errors import Defect
from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.values import EmailKey, ProductId, SaleId, SessionId
from egpay.ports.payments import CheckoutSession
from egpay.testing.memory.store import Tables


@dataclass(frozen=True, slots=True)
class MemoryProducts:
    """Port `Products` over tables in memory."""

    tables: Tables

    async def all(self) -> Sequence[Product]:
        """All products on sale."""
        return list(self.tables.products.values())

    async def named(self, ids: Sequence[ProductId]) -> dict[ProductId, Product]:
        """The products of `ids` that are on sale."""
        return {key: self.tables.products[key] for key in ids if key in self.tables.products}

    async def put(self, products: Sequence[Product]) -> None:
        """Add products, or replace those of the same id."""
        self.tables.products.update({product.id: product for product in products})


@dataclass(frozen=True, slots=True)
class MemorySales:
    """Port `Sales` over tables in memory."""

    tables: Tables

    async def add(self, sale: Sale, order: Order) -> bool:
        """Store a new sale; a repeated id is a Defect, as in the database."""
        if sale.id in self.tables.sales:
            raise Defect("the database refuses the data: a sale of this id exists")
        if sale.is_open_subscription_order and await self.open_to(sale.email_key):
            return False
        self.tables.sales[sale.id] = sale
        self.tables.orders[sale.id] = order
        return True

    async def open_to(self, key: EmailKey) -> SaleId | None:
        """The open sale of a subscription to this e-mail, of which one is allowed."""
        sales = self.tables.sales.values()
        return next(
            (one.id for one in sales if one.email_key == key and one.is_open_subscription_order), None
        )

    async def find(self, sale_id: SaleId) -> tuple[Sale, Order] | None:
        """Load the sale with its order."""
        sale = self.tables.sales.get(sale_id)
        return None if sale is None else (sale, self.tables.orders[sale_id])

    async def session_opened(self, sale_id: SaleId, session: CheckoutSession, *, attempt: int = 1) -> bool:
        """Store the Checkout session, as `Sale.session_opened` rules."""
        sale = self.tables.sales.get(sale_id)
        if sale is None:
            return True
        after = sale.session_opened(session.id, attempt=attempt)
        if after.is_open_subscription_order and await self.open_to(after.email_key) not in (None, sale_id):
            return False
        if after.checkout_session_id == session.id:
            self.tables.sales[sale_id] = after
            self.tables.checkout_pages[sale_id] = session
        return True

    async def session_closed(self, sale_id: SaleId, session: SessionId | None) -> None:
        """Store that the session is closed, as `Sale.session_closed` rules."""
        if sale := self.tables.sales.get(sale_id):
            self.tables.sales[sale_id] = sale.session_closed(session)

    async def session(self, sale_id: SaleId) -> CheckoutSession | None:
        """The Checkout session stored last."""
        return self.tables.checkout_pages.get(sale_id)

    async def shipment(self, sale_id: SaleId) -> Shipment | None:
        """The shipment, if one was due."""
        return self.tables.shipments.get(sale_id)

    async def subscription(self, sale_id: SaleId) -> Subscription | None:
        """The subscription that names the sale or is named by it; of several, the newest reported one."""
        sale = self.tables.sales.get(sale_id)
        own = sale.subscription_id if sale else None
        found = [one for one in self.tables.subscriptions.values() if one.sale_id == sale_id or one.id == own]
        return newest(found)


def newest(found: Sequence[Subscription]) -> Subscription | None:
    """The newest reported one; of one moment, the first by id."""
    return max(sorted(found, key=lambda one: one.id), key=lambda one: one.reported_at, default=None)

"""In-memory catalogue and sales."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from egpay.domain.catalogue import Product
from egpay.domain.errors import Defect, Refusal
from egpay.domain.letters import INTRODUCTIONS
from egpay.domain.order import Order, fold_name
from egpay.domain.sale import Sale, SaleStatus
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.values import CustomerId, EmailKey, ProductId, SaleId, SessionId
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

    async def prices(self, ids: Sequence[ProductId]) -> dict[ProductId, str]:
        """The provider's price ids of those of `ids` that it sells."""
        return {key: self.tables.prices[key] for key in ids if key in self.tables.prices}

    async def put(self, products: Sequence[Product]) -> None:
        """Add products, or replace those of the same id."""
        self.tables.products.update({product.id: product for product in products})

    async def take_off_sale(self, ids: Sequence[ProductId]) -> Sequence[ProductId]:
        """Take products off sale; those that were on sale, of `ids`."""
        return [product.id for key in ids if (product := self.tables.products.pop(key, None))]


@dataclass(frozen=True, slots=True)
class MemorySales:
    """Port `Sales` over tables in memory."""

    tables: Tables

    async def add(self, sale: Sale, order: Order) -> None:
        """Store a new sale; a repeated id is a Defect, as in the database."""
        if sale.id in self.tables.sales:
            raise Defect("the database refuses the data: a sale of this id exists")
        self.tables.sales[sale.id] = sale
        self.tables.orders[sale.id] = order

    async def open_order(
        self, order: Order, *, at: datetime, customer: CustomerId | None = None
    ) -> SaleId | None:
        """The open sale of this order, unless its page has timed out."""
        wanted = order.fingerprint(customer)
        for sale in sorted(self.tables.sales.values(), key=lambda one: (one.created_at, one.id)):
            page = self.tables.checkout_pages.get(sale.id)
            timed_out = page is not None and page.expires_at is not None and page.expires_at <= at
            is_open = sale.status is SaleStatus.IN_PROGRESS and not timed_out
            if is_open and self.tables.orders[sale.id].fingerprint(self._known(sale)) == wanted:
                return sale.id
        return None

    def _known(self, sale: Sale) -> CustomerId | None:
        """The customer that the sale was begun with, which was not made for it."""
        made = self.tables.customers.get(sale.customer_id) if sale.customer_id else None
        return None if made and made.sale_id == sale.id else sale.customer_id

    async def open_pages(self, key: EmailKey, organisation: str) -> Sequence[tuple[SaleId, SessionId]]:
        """The open pages of subscriptions to this e-mail and organisation."""
        return [
            (sale.id, sale.checkout_session_id)
            for sale in sorted(self.tables.sales.values(), key=lambda one: one.id)
            if sale.email_key == key
            and sale.plan
            and sale.checkout_session_id
            and sale.status is SaleStatus.IN_PROGRESS
            and fold_name(sale.organisation) == fold_name(organisation)
        ]

    async def find(self, sale_id: SaleId) -> tuple[Sale, Order] | None:
        """Load the sale with its order."""
        sale = self.tables.sales.get(sale_id)
        return None if sale is None else (sale, self.tables.orders[sale_id])

    async def session_opened(self, sale_id: SaleId, session: CheckoutSession, *, attempt: int = 1) -> None:
        """Store the Checkout session, as `Sale.session_opened` rules."""
        sale = self.tables.sales.get(sale_id)
        if sale is None:
            return
        if sale.cancelled:
            raise Refusal("the order was cancelled meanwhile")
        after = sale.session_opened(session.id, attempt=attempt)
        if after.checkout_session_id == session.id:
            self.tables.sales[sale_id] = after
            self.tables.checkout_pages[sale_id] = session

    async def session(self, sale_id: SaleId) -> CheckoutSession | None:
        """The Checkout session stored last."""
        return self.tables.checkout_pages.get(sale_id)

    async def shipment(self, sale_id: SaleId) -> Shipment | None:
        """The shipment, if one was due."""
        return self.tables.shipments.get(sale_id)

    async def introduced(self, sale_id: SaleId) -> bool:
        """Whether one of the letters was sent."""
        sent = [one for one in self.tables.emails.values() if one.sale_id == sale_id and one.sent_at]
        return any(one.kind in INTRODUCTIONS for one in sent)

    async def subscription(self, sale_id: SaleId) -> Subscription | None:
        """The subscription that names the sale or is named by it; of several, one that lives, then the one named."""
        sale = self.tables.sales.get(sale_id)
        own = sale.subscription_id if sale else None
        found = [one for one in self.tables.subscriptions.values() if one.sale_id == sale_id or one.id == own]
        live = [one for one in found if not one.ended] or found
        return next((one for one in live if one.id == own), newest(live))


def newest(found: Sequence[Subscription]) -> Subscription | None:
    """The newest reported one; of one moment, the first by id."""
    return max(sorted(found, key=lambda one: one.id), key=lambda one: one.reported_at, default=None)

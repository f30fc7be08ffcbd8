"""Products and sales: repositories for use cases outside the event path."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from egpay.domain.catalogue import Product
from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.values import CustomerId, EmailKey, ProductId, SaleId, SessionId
from egpay.ports.payments import CheckoutSession


class Products(Protocol):
    """Catalogue: loads and stores the products on sale."""

    async def all(self) -> Sequence[Product]:
        """All products on sale, in a stable order."""
        ...

    async def named(self, ids: Sequence[ProductId]) -> dict[ProductId, Product]:
        """Those of `ids` that are on sale, by id."""
        ...

    async def prices(self, ids: Sequence[ProductId]) -> dict[ProductId, str]:
        """The provider's price ids of those of `ids` that it sells for what they cost now, by product."""
        ...

    async def put(self, products: Sequence[Product]) -> None:
        """Add products or replace those of the same id."""
        ...

    async def take_off_sale(self, ids: Sequence[ProductId]) -> Sequence[ProductId]:
        """Take products off sale; those that were on sale, of `ids`."""
        ...


class Sales(Protocol):
    """Sale repository: stores sales with their orders and Checkout sessions."""

    async def add(self, sale: Sale, order: Order) -> None:
        """Store a new sale with its order."""
        ...

    async def open_order(
        self, order: Order, *, at: datetime, customer: CustomerId | None = None
    ) -> SaleId | None:
        """The open sale of the same order and known customer (`Order.fingerprint`), unless its page has timed out.

        The e-mail is locked until the transaction ends, so that of two equal orders at once the second waits
        for the first, and then finds it.
        """
        ...

    async def open_pages(self, key: EmailKey, organisation: str) -> Sequence[tuple[SaleId, SessionId]]:
        """The pages that sell a subscription to this e-mail and organisation, of sales in progress.

        The organisation's name is compared as `fold_name` folds it.
        """
        ...

    async def find(self, sale_id: SaleId) -> tuple[Sale, Order] | None:
        """Load the sale with its order."""
        ...

    async def session_opened(self, sale_id: SaleId, session: CheckoutSession, *, attempt: int = 1) -> None:
        """Store the Checkout session of a sale, by the rules of `Sale.session_opened`.

        Another session that Stripe reported first stays; a session of a later `attempt` replaces a dead one. Raises
        Refusal when the sale was cancelled meanwhile, so that no buyer is sent to a page that no act closes.
        """
        ...

    async def session(self, sale_id: SaleId) -> CheckoutSession | None:
        """Load the stored Checkout session of a sale; None before there is one."""
        ...

    async def shipment(self, sale_id: SaleId) -> Shipment | None:
        """The shipment of a sale, if one was due."""
        ...

    async def introduced(self, sale_id: SaleId) -> bool:
        """Whether the letter about the account that a sale led to was sent."""
        ...

    async def subscription(self, sale_id: SaleId) -> Subscription | None:
        """The subscription that a sale began, or the live one that was made again in its place."""
        ...

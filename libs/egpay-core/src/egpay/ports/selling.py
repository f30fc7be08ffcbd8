"""What is on sale and what was sold, as use cases outside the event path read and write it."""

from collections.abc import Sequence
from typing import Protocol

from egpay.domain.catalogue import Product
from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.values import EmailKey, ProductId, SaleId, SessionId
from egpay.ports.payments import CheckoutSession


class Products(Protocol):
    """The catalogue."""

    async def all(self) -> Sequence[Product]:
        """What is on sale, in a stable order."""
        ...

    async def named(self, ids: Sequence[ProductId]) -> dict[ProductId, Product]:
        """Those of `ids` that are on sale."""
        ...

    async def put(self, products: Sequence[Product]) -> None:
        """Add products or replace those of the same id."""
        ...


class Sales(Protocol):
    """Sales with their orders."""

    async def add(self, sale: Sale, order: Order) -> bool:
        """Keep a new sale. False, and nothing is kept, when it would be the second open sale of a subscription to
        one e-mail: the storage itself allows one, however many ask at once."""
        ...

    async def open_to(self, key: EmailKey) -> SaleId | None:
        """The open sale of a subscription to this e-mail."""
        ...

    async def find(self, sale_id: SaleId) -> tuple[Sale, Order] | None:
        """The sale with its order."""
        ...

    async def session_opened(self, sale_id: SaleId, session: CheckoutSession, *, attempt: int = 1) -> bool:
        """Remember the Checkout page of a sale, as `Sale.session_opened` rules: unless Stripe's own report was here
        first with another; a page of a later `attempt` takes the place of a dead one. False, and nothing is
        remembered, when that would open a second sale of a subscription to one e-mail."""
        ...

    async def session_closed(self, sale_id: SaleId, session: SessionId | None) -> None:
        """We had the Checkout page of a sale closed, as `Sale.session_closed` rules."""
        ...

    async def session(self, sale_id: SaleId) -> CheckoutSession | None:
        """The Checkout page of a sale as it was remembered; None before there is one."""
        ...

    async def shipment(self, sale_id: SaleId) -> Shipment | None:
        """The shipment of a sale, if one was due."""
        ...

    async def subscription(self, sale_id: SaleId) -> Subscription | None:
        """The subscription a sale began."""
        ...

"""Order: what a storefront posts, with buyer, products and shipping address."""

from enum import StrEnum

import msgspec

from egpay.domain.catalogue import Interval, Kind
from egpay.domain.values import Address, ProductId


class PaymentMethod(StrEnum):
    """Payment method: paid at Checkout, or by an invoice that is sent."""

    CARD = "card"
    INVOICE = "invoice"


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """Order line: a product and its quantity, at the price when the order was placed."""

    product: ProductId
    kind: Kind
    name: str
    quantity: int
    unit_amount: int
    currency: str
    interval: Interval | None = None


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Order as placed; it never changes afterwards.

    `email` is the admin's and the only identity; `billing_email` is where Stripe sends receipts.
    """

    organisation: str
    name: str
    email: str
    lines: tuple[OrderLine, ...]
    billing_email: str | None = None
    shipping_address: Address | None = None
    payment: PaymentMethod = PaymentMethod.CARD

    @property
    def currency(self) -> str:
        """The one currency of all lines."""
        return self.lines[0].currency

    @property
    def total(self) -> int:
        """What is due now, in minor units: devices plus the first period of a subscription."""
        return sum(line.unit_amount * line.quantity for line in self.lines)

    @property
    def device_quantity(self) -> int:
        """How many devices leave the warehouse."""
        return sum(line.quantity for line in self.lines if line.kind is Kind.DEVICE)

    @property
    def plan(self) -> ProductId | None:
        """The subscription in the cart, if there is one."""
        return next((line.product for line in self.lines if line.kind is Kind.SUBSCRIPTION), None)

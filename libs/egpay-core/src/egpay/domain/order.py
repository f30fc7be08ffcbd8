"""Order: what a storefront posts, with buyer, products and shipping address."""

import hashlib
import unicodedata
from enum import StrEnum
from typing import Any

import msgspec

from egpay.domain.catalogue import Interval, Kind
from egpay.domain.values import Address, CustomerId, ProductId, email_key


class PaymentMethod(StrEnum):
    """Payment method: paid at Checkout, or by an invoice that is sent."""

    CARD = "card"
    INVOICE = "invoice"


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """Order line: a product and its quantity, at the price when the order was placed; `price` is the provider's id."""

    product: ProductId
    kind: Kind
    name: str
    quantity: int
    unit_amount: int
    currency: str
    interval: Interval | None = None
    interval_count: int = 1
    trial_days: int = 0
    price: str | None = None

    @property
    def due(self) -> int:
        """What is due now, in minor units: nothing for a trial."""
        return 0 if self.trial_days else self.unit_amount * self.quantity


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Order as placed; it never changes afterwards.

    `email` is the admin's and the only identity; `billing_email` is where Stripe sends receipts. `locale` is the
    buyer's language as BCP 47 writes it. `another_organisation` is whether this one is meant to stand beside those that
    the e-mail has.
    """

    organisation: str
    name: str
    email: str
    lines: tuple[OrderLine, ...]
    billing_email: str | None = None
    shipping_address: Address | None = None
    payment: PaymentMethod = PaymentMethod.CARD
    phone: str | None = None
    locale: str | None = None
    another_organisation: bool = False

    @property
    def currency(self) -> str:
        """The one currency of all lines."""
        return self.lines[0].currency

    @property
    def total(self) -> int:
        """What is due now, in minor units: devices plus the first period of a subscription without a trial."""
        return sum(line.due for line in self.lines)

    @property
    def device_quantity(self) -> int:
        """How many devices leave the warehouse."""
        return sum(line.quantity for line in self.lines if line.kind is Kind.DEVICE)

    @property
    def trial_days(self) -> int:
        """Days for which the subscription costs nothing."""
        return max(line.trial_days for line in self.lines)

    @property
    def plan(self) -> ProductId | None:
        """The subscription in the cart, if there is one."""
        return next((line.product for line in self.lines if line.kind is Kind.SUBSCRIPTION), None)

    def fingerprint(self, customer: CustomerId | None = None) -> bytes:
        """Fingerprint: equal for the same order typed again, whatever its case, blanks and order of lines.

        The prices are part of it: an order at other prices is another one. What an order leaves out is not, so that
        a later optional field changes no stored fingerprint. An order that uses a known `customer` is another one than
        that of a stranger who types the same, because its page shows that customer.
        """
        content = msgspec.to_builtins(self)
        for optional in ("phone", "locale"):
            if content[optional] is None:
                del content[optional]
        if not self.another_organisation:  # as before there was such an order
            del content["another_organisation"]
        if customer:
            content["customer"] = customer
        content["email"] = email_key(self.email)
        content["billing_email"] = self.billing_email and email_key(self.billing_email)
        content["lines"] = sorted(content["lines"], key=lambda line: str(line["product"]))
        return hashlib.sha256(msgspec.json.encode(_folded(content), order="deterministic")).digest()


def fold_name(text: str) -> str:
    """Fold a name that people type: letter case, blanks and Unicode composition make no difference."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _folded(value: Any) -> Any:
    if isinstance(value, str):
        return fold_name(value)
    if isinstance(value, dict):
        return {key: _folded(part) for key, part in value.items()}
    return [_folded(part) for part in value] if isinstance(value, list | tuple) else value

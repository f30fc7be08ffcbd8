"""Catalogue: the products EG sells, devices that are shipped and subscriptions that renew."""

from enum import StrEnum

import msgspec

from egpay.domain.values import ProductId


class Kind(StrEnum):
    """Product kind: a device is shipped once; a subscription renews until it ends."""

    DEVICE = "device"
    SUBSCRIPTION = "subscription"


class Interval(StrEnum):
    """Interval at which a subscription renews."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """Product of the catalogue; `unit_amount` in integer minor units, what renews or is on trial is a subscription."""

    id: ProductId
    kind: Kind
    name: str
    description: str
    unit_amount: int
    currency: str
    interval: Interval | None = None
    interval_count: int = 1
    trial_days: int = 0
    image: str | None = None


class CatalogueEntry(Product, frozen=True, kw_only=True):
    """Catalogue entry: a product as the seller's file has it, with what only the payment provider needs of it."""

    tax_code: str | None = None
    stripe_product: str | None = None
    stripe_price: str | None = None


class SoldPrice(msgspec.Struct, frozen=True, kw_only=True):
    """Sold price: what one product costs at the payment provider, by the provider's id; it is replaced, not changed."""

    id: str
    product: ProductId
    stripe_product: str
    amount: int
    currency: str
    interval: Interval | None = None
    interval_count: int = 1
    installation: str

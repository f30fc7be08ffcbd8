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
    """Product of the catalogue; `unit_amount` in integer minor units, `interval` only for subscriptions."""

    id: ProductId
    kind: Kind
    name: str
    description: str
    unit_amount: int
    currency: str
    interval: Interval | None = None

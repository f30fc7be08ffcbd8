"""What EG sells: devices that are shipped and subscriptions that run."""

from enum import StrEnum

import msgspec

from egpay.domain.values import ProductId


class Kind(StrEnum):
    """A device leaves the warehouse once; a subscription renews until it ends."""

    DEVICE = "device"
    SUBSCRIPTION = "subscription"


class Interval(StrEnum):
    """How often a subscription renews."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the catalogue; `unit_amount` is in integer minor units, `interval` only for subscriptions."""

    id: ProductId
    kind: Kind
    name: str
    description: str
    unit_amount: int
    currency: str
    interval: Interval | None = None

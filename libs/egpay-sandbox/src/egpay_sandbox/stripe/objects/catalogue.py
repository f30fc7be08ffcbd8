"""Catalogue objects: products and their prices, once or every period."""

import msgspec

from egpay_sandbox.stripe.objects.customer import Metadata


class Product(msgspec.Struct, frozen=True, kw_only=True, tag="product", tag_field="object"):
    """A product by its name."""

    id: str
    created: int
    updated: int
    name: str
    description: str | None = None
    active: bool = True
    metadata: Metadata = {}
    images: list[str] = []
    shippable: bool | None = None
    unit_label: str | None = None
    tax_code: str | None = None
    default_price: str | None = None


class Price(msgspec.Struct, frozen=True, kw_only=True, tag="price", tag_field="object"):
    """Price of one piece, in minor units; `interval` is None for a one-time price."""

    id: str
    created: int
    product: str
    currency: str
    unit_amount: int
    interval: str | None = None
    interval_count: int = 1
    active: bool = True
    nickname: str | None = None
    lookup_key: str | None = None
    tax_behavior: str = "unspecified"
    metadata: Metadata = {}

    @property
    def recurring(self) -> bool:
        """Whether this price is charged again every period."""
        return self.interval is not None

"""Parameters of products and prices."""

from typing import Annotated, Literal

import msgspec

from egpay_sandbox.stripe.requests.paging import ListParams, Params

Amount = Annotated[int, msgspec.Meta(ge=0, le=99_999_999)]
Interval = Literal["day", "week", "month", "year"]


class RecurringParams(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Interval at which a price is charged."""

    interval: Interval
    interval_count: Annotated[int, msgspec.Meta(ge=1, le=1095)] = 1
    usage_type: Literal["licensed"] = "licensed"


class ProductData(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Product created inline."""

    name: Annotated[str, msgspec.Meta(min_length=1)]
    description: str | None = None
    images: list[str] = []
    metadata: dict[str, str] | str | None = None
    tax_code: str | None = None
    unit_label: str | None = None


class PriceData(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Price created inline, in a line of a cart."""

    currency: str
    product: str | None = None
    product_data: ProductData | None = None
    unit_amount: Amount | None = None
    unit_amount_decimal: str | None = None
    recurring: RecurringParams | None = None
    tax_behavior: Literal["exclusive", "inclusive", "unspecified"] = "unspecified"


class ProductCreate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/products/create."""

    name: Annotated[str, msgspec.Meta(min_length=1)]
    id: str | None = None
    active: bool = True
    description: str | None = None
    images: list[str] | None = None
    metadata: dict[str, str] | str | None = None
    shippable: bool | None = None
    tax_code: str | None = None
    unit_label: str | None = None
    type: Literal["good", "service"] | None = None
    url: str | None = None
    default_price_data: PriceData | None = None


class ProductUpdate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/products/update; an empty text removes what it names."""

    name: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    active: bool | None = None
    description: str | None = None
    images: list[str] | str | None = None
    metadata: dict[str, str] | str | None = None
    shippable: bool | None = None
    tax_code: str | None = None
    unit_label: str | None = None


class ProductList(ListParams, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/products/list."""

    active: bool | None = None
    ids: list[str] | None = None


class PriceCreate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/prices/create."""

    currency: str
    product: str | None = None
    product_data: ProductData | None = None
    unit_amount: Amount | None = None
    unit_amount_decimal: str | None = None
    recurring: RecurringParams | None = None
    active: bool = True
    nickname: str | None = None
    lookup_key: str | None = None
    transfer_lookup_key: bool = False
    metadata: dict[str, str] | str | None = None
    tax_behavior: Literal["exclusive", "inclusive", "unspecified"] = "unspecified"
    billing_scheme: Literal["per_unit"] = "per_unit"


class PriceUpdate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/prices/update."""

    active: bool | None = None
    nickname: str | None = None
    lookup_key: str | None = None
    transfer_lookup_key: bool = False
    metadata: dict[str, str] | str | None = None
    tax_behavior: Literal["exclusive", "inclusive", "unspecified"] | None = None


class PriceList(ListParams, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/prices/list."""

    active: bool | None = None
    currency: str | None = None
    product: str | None = None
    lookup_keys: list[str] | None = None
    type: Literal["one_time", "recurring"] | None = None

"""Prices of products, created beforehand or inline in a cart."""

from decimal import Decimal, InvalidOperation

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import invalid_parameter, missing_parameter
from egpay_sandbox.stripe.currencies import check_amount, checked_currency
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import Price, Product
from egpay_sandbox.stripe.products import create_product
from egpay_sandbox.stripe.requests.catalogue import (
    PriceCreate,
    PriceData,
    PriceList,
    PriceUpdate,
    ProductCreate,
    ProductData,
)


def create_price(account: SandboxAccount, params: PriceCreate) -> Price:
    """Creates a price of a product and emits `price.created`."""
    if params.lookup_key is not None:
        _release_lookup_key(account, params.lookup_key, transfer=params.transfer_lookup_key)
    currency = checked_currency(params.currency, "currency")
    price = Price(
        id=new_id("price"),
        created=account.clock.now(),
        product=_product(account, params.product, params.product_data, "product"),
        currency=currency,
        unit_amount=_amount(params.unit_amount, params.unit_amount_decimal, currency, "unit_amount"),
        interval=params.recurring.interval if params.recurring else None,
        interval_count=params.recurring.interval_count if params.recurring else 1,
        active=params.active,
        nickname=params.nickname or None,
        lookup_key=params.lookup_key or None,
        tax_behavior=params.tax_behavior,
        metadata=merge_metadata({}, params.metadata),
    )
    account.prices.store(price)
    account.emit("price.created", price)
    return price


def update_price(account: SandboxAccount, params: PriceUpdate, price_id: str) -> Price:
    """Updates what of a price may change, never its amount; emits `price.updated` when something did."""
    before = get_or_404(account.prices, price_id)
    if params.active is False and account.products[before.product].default_price == price_id:
        raise invalid_parameter(
            "This price cannot be archived because it is the default price of its product.", "active"
        )
    if params.lookup_key and params.lookup_key != before.lookup_key:
        _release_lookup_key(account, params.lookup_key, transfer=params.transfer_lookup_key)
    after = msgspec.structs.replace(
        before,
        active=before.active if params.active is None else params.active,
        nickname=before.nickname if params.nickname is None else params.nickname or None,
        lookup_key=before.lookup_key if params.lookup_key is None else params.lookup_key or None,
        tax_behavior=params.tax_behavior or before.tax_behavior,
        metadata=merge_metadata(before.metadata, params.metadata),
    )
    if after != before:
        account.prices.store(after)
        account.emit("price.updated", after, before)
    return after


def create_inline_price(
    account: SandboxAccount, data: PriceData, param: str, product: str | None = None
) -> Price:
    """Creates the price that `price_data` describes: inactive, so that it is not used a second time."""
    currency = checked_currency(data.currency, f"{param}[currency]")
    price = Price(
        id=new_id("price"),
        created=account.clock.now(),
        product=product or _product(account, data.product, data.product_data, f"{param}[product]"),
        currency=currency,
        unit_amount=_amount(data.unit_amount, data.unit_amount_decimal, currency, f"{param}[unit_amount]"),
        interval=data.recurring.interval if data.recurring else None,
        interval_count=data.recurring.interval_count if data.recurring else 1,
        active=False,
        tax_behavior=data.tax_behavior,
    )
    account.prices.store(price)
    account.emit("price.created", price)
    return price


def set_default_price(account: SandboxAccount, product: Product, data: PriceData) -> Product:
    """Creates a product's own price (`default_price_data`) and returns the product with it."""
    price = create_inline_price(account, data, "default_price_data", product.id)
    account.prices.store(msgspec.structs.replace(price, active=True))
    return account.products.store(msgspec.structs.replace(product, default_price=price.id))


def list_prices(account: SandboxAccount, params: PriceList) -> list[Price]:
    """Lists prices newest first."""
    return [
        price
        for price in account.prices.newest_first()
        if params.active in (None, price.active)
        and params.currency in (None, price.currency)
        and params.product in (None, price.product)
        and params.type in (None, "recurring" if price.recurring else "one_time")
        and (params.lookup_keys is None or price.lookup_key in params.lookup_keys)
    ]


def _product(account: SandboxAccount, product: str | None, data: ProductData | None, param: str) -> str:
    if (product is None) == (data is None):
        raise missing_parameter(f"{param} or {param.replace('product', 'product_data')}")
    if product is not None:
        return get_or_404(account.products, product, param).id
    assert data is not None  # noqa: S101 - the two lines above have made sure
    return create_product(
        account,
        ProductCreate(
            name=data.name,
            description=data.description,
            images=data.images,
            metadata=data.metadata,
            unit_label=data.unit_label,
        ),
    ).id


def _amount(whole: int | None, decimal: str | None, currency: str, param: str) -> int:
    amount = _whole_amount(whole, decimal, param)
    check_amount(amount, currency, param)
    return amount


def _whole_amount(whole: int | None, decimal: str | None, param: str) -> int:
    if (whole is None) == (decimal is None):
        raise missing_parameter(param)
    if whole is not None:
        return whole
    try:
        value = Decimal(decimal or "")
    except InvalidOperation:
        raise invalid_parameter(f"Invalid decimal: {decimal}", f"{param}_decimal") from None
    if value != int(value) or value < 0:
        raise invalid_parameter("egpay-sandbox takes whole minor units only.", f"{param}_decimal")
    return int(value)


def _release_lookup_key(account: SandboxAccount, key: str, *, transfer: bool) -> None:
    for price in account.prices:
        if price.lookup_key == key:
            if not transfer:
                raise invalid_parameter(f"A price already uses that lookup key: {key}.", "lookup_key")
            account.prices.store(msgspec.structs.replace(price, lookup_key=None))

"""Prices: what a product costs, made beforehand or on the spot in a cart."""

from decimal import Decimal, InvalidOperation

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount, sought
from egpay_sandbox.stripe.api_errors import invalid_parameter, missing_parameter
from egpay_sandbox.stripe.metadata import merged
from egpay_sandbox.stripe.objects import Price, Product
from egpay_sandbox.stripe.products import create_product
from egpay_sandbox.stripe.requests.catalogue import (
    PriceCreate,
    PriceData,
    PriceList,
    ProductCreate,
    ProductData,
)


def create_price(account: SandboxAccount, asked: PriceCreate) -> Price:
    """A new price of a product, told as `price.created`."""
    if asked.lookup_key is not None:
        _free_lookup_key(account, asked.lookup_key, transfer=asked.transfer_lookup_key)
    price = Price(
        id=new_id("price"),
        created=account.clock.now(),
        product=_product(account, asked.product, asked.product_data, "product"),
        currency=asked.currency.lower(),
        unit_amount=_amount(asked.unit_amount, asked.unit_amount_decimal, "unit_amount"),
        interval=asked.recurring.interval if asked.recurring else None,
        interval_count=asked.recurring.interval_count if asked.recurring else 1,
        active=asked.active,
        nickname=asked.nickname or None,
        lookup_key=asked.lookup_key or None,
        tax_behavior=asked.tax_behavior,
        metadata=merged({}, asked.metadata),
    )
    account.prices.put(price)
    account.tell("price.created", price)
    return price


def price_on_the_spot(
    account: SandboxAccount, data: PriceData, param: str, product: str | None = None
) -> Price:
    """The price that `price_data` describes: inactive, so that nobody uses it a second time."""
    price = Price(
        id=new_id("price"),
        created=account.clock.now(),
        product=product or _product(account, data.product, data.product_data, f"{param}[product]"),
        currency=data.currency.lower(),
        unit_amount=_amount(data.unit_amount, data.unit_amount_decimal, f"{param}[unit_amount]"),
        interval=data.recurring.interval if data.recurring else None,
        interval_count=data.recurring.interval_count if data.recurring else 1,
        active=False,
        tax_behavior=data.tax_behavior,
    )
    account.prices.put(price)
    account.tell("price.created", price)
    return price


def give_default_price(account: SandboxAccount, product: Product, data: PriceData) -> Product:
    """The product with a price of its own (`default_price_data`)."""
    price = price_on_the_spot(account, data, "default_price_data", product.id)
    account.prices.put(msgspec.structs.replace(price, active=True))
    return account.products.put(msgspec.structs.replace(product, default_price=price.id))


def list_prices(account: SandboxAccount, asked: PriceList) -> list[Price]:
    """Newest first."""
    return [
        price
        for price in account.prices.newest_first()
        if asked.active in (None, price.active)
        and asked.currency in (None, price.currency)
        and asked.product in (None, price.product)
        and asked.type in (None, "recurring" if price.recurring else "one_time")
        and (asked.lookup_keys is None or price.lookup_key in asked.lookup_keys)
    ]


def _product(account: SandboxAccount, product: str | None, data: ProductData | None, param: str) -> str:
    if (product is None) == (data is None):
        raise missing_parameter(f"{param} or {param.replace('product', 'product_data')}")
    if product is not None:
        return sought(account.products, product, param).id
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


def _amount(whole: int | None, decimal: str | None, param: str) -> int:
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


def _free_lookup_key(account: SandboxAccount, key: str, *, transfer: bool) -> None:
    for price in account.prices:
        if price.lookup_key == key:
            if not transfer:
                raise invalid_parameter(f"A price already uses that lookup key: {key}.", "lookup_key")
            account.prices.put(msgspec.structs.replace(price, lookup_key=None))

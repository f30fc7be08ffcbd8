"""Catalogue operations: products and prices over HTTP."""

from typing import Any

from egpay_sandbox.api.api_operation import ApiCall, ApiOperation, list_page
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.stripe.account import get_or_404
from egpay_sandbox.stripe.prices import create_price, list_prices, set_default_price, update_price
from egpay_sandbox.stripe.products import create_product, list_products, update_product
from egpay_sandbox.stripe.requests.catalogue import (
    PriceCreate,
    PriceList,
    PriceUpdate,
    ProductCreate,
    ProductList,
    ProductUpdate,
)
from egpay_sandbox.stripe.requests.paging import AnyParams


def _create_product(call: ApiCall) -> dict[str, Any]:
    product = create_product(call.account, call.params)
    if call.params.default_price_data is not None:
        product = set_default_price(call.account, product, call.params.default_price_data)
    return render(call.account, product)


def _retrieve_product(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.products, call.row_id))


def _update_product(call: ApiCall) -> dict[str, Any]:
    return render(call.account, update_product(call.account, call.params, call.row_id))


def _list_products(call: ApiCall) -> dict[str, Any]:
    rows = list_products(call.account, call.params)
    return list_page(call, "/v1/products", [render(call.account, row) for row in rows])


def _create_price(call: ApiCall) -> dict[str, Any]:
    return render(call.account, create_price(call.account, call.params))


def _retrieve_price(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.prices, call.row_id))


def _update_price(call: ApiCall) -> dict[str, Any]:
    return render(call.account, update_price(call.account, call.params, call.row_id))


def _list_prices(call: ApiCall) -> dict[str, Any]:
    rows = list_prices(call.account, call.params)
    return list_page(call, "/v1/prices", [render(call.account, row) for row in rows])


OPERATIONS = [
    ApiOperation("POST", "/v1/products", ProductCreate, _create_product),
    ApiOperation("GET", "/v1/products", ProductList, _list_products),
    ApiOperation("GET", "/v1/products/{id}", AnyParams, _retrieve_product),
    ApiOperation("POST", "/v1/products/{id}", ProductUpdate, _update_product),
    ApiOperation("POST", "/v1/prices", PriceCreate, _create_price),
    ApiOperation("GET", "/v1/prices", PriceList, _list_prices),
    ApiOperation("GET", "/v1/prices/{id}", AnyParams, _retrieve_price),
    ApiOperation("POST", "/v1/prices/{id}", PriceUpdate, _update_price),
]

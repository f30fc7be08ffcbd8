"""Products: things with a name, created beforehand or inline in a cart."""

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import Product
from egpay_sandbox.stripe.requests.catalogue import (
    ProductCreate,
    ProductList,
    ProductUpdate,
)


def create_product(account: SandboxAccount, params: ProductCreate) -> Product:
    """Creates a product and emits `product.created`; an id from the caller must be new."""
    if params.id is not None and params.id in account.products:
        raise StripeApiError("Product already exists.", code="resource_already_exists", param="id")
    now = account.clock.now()
    product = Product(
        id=params.id or new_id("prod"),
        created=now,
        updated=now,
        name=params.name,
        description=params.description or None,
        active=params.active,
        metadata=merge_metadata({}, params.metadata),
        images=params.images or [],
        shippable=params.shippable,
        unit_label=params.unit_label or None,
        tax_code=params.tax_code or None,
    )
    account.products.store(product)
    account.emit("product.created", product)
    return product


def update_product(account: SandboxAccount, params: ProductUpdate, product_id: str) -> Product:
    """Updates a product; emits `product.updated` when something changed."""
    before = get_or_404(account.products, product_id)
    named = {
        "name": params.name,
        "active": params.active,
        "images": None if params.images is None else params.images or [],
        "shippable": params.shippable,
    }
    emptied = {
        "description": params.description,
        "unit_label": params.unit_label,
        "tax_code": params.tax_code,
    }
    after = msgspec.structs.replace(
        before,
        metadata=merge_metadata(before.metadata, params.metadata),
        **{field: value for field, value in named.items() if value is not None},
        **{field: value or None for field, value in emptied.items() if value is not None},
    )
    if after == before:
        return before
    after = account.products.store(msgspec.structs.replace(after, updated=account.clock.now()))
    account.emit("product.updated", after, before)
    return after


def list_products(account: SandboxAccount, params: ProductList) -> list[Product]:
    """Lists products newest first."""
    return [
        product
        for product in account.products.newest_first()
        if params.active in (None, product.active) and (params.ids is None or product.id in params.ids)
    ]

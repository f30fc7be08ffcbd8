"""Products: things with a name, created beforehand or inline in a cart."""

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import Product
from egpay_sandbox.stripe.requests.catalogue import (
    ProductCreate,
    ProductList,
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
    )
    account.products.store(product)
    account.emit("product.created", product)
    return product


def list_products(account: SandboxAccount, params: ProductList) -> list[Product]:
    """Lists products newest first."""
    return [
        product
        for product in account.products.newest_first()
        if params.active in (None, product.active) and (params.ids is None or product.id in params.ids)
    ]

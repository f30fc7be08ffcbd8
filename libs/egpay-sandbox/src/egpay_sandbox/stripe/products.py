"""Products: things with a name, made beforehand or on the spot in a cart."""

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.api_errors import StripeApiError
from egpay_sandbox.stripe.metadata import merged
from egpay_sandbox.stripe.objects import Product
from egpay_sandbox.stripe.requests.catalogue import (
    ProductCreate,
    ProductList,
)


def create_product(account: SandboxAccount, asked: ProductCreate) -> Product:
    """A new product, told as `product.created`; an id of one's own must be new."""
    if asked.id is not None and asked.id in account.products:
        raise StripeApiError("Product already exists.", code="resource_already_exists", param="id")
    now = account.clock.now()
    product = Product(
        id=asked.id or new_id("prod"),
        created=now,
        updated=now,
        name=asked.name,
        description=asked.description or None,
        active=asked.active,
        metadata=merged({}, asked.metadata),
        images=asked.images or [],
        shippable=asked.shippable,
        unit_label=asked.unit_label or None,
    )
    account.products.put(product)
    account.tell("product.created", product)
    return product


def list_products(account: SandboxAccount, asked: ProductList) -> list[Product]:
    """Newest first."""
    return [
        product
        for product in account.products.newest_first()
        if asked.active in (None, product.active) and (asked.ids is None or product.id in asked.ids)
    ]

"""Catalogue route: lists products to storefronts."""

from collections.abc import Sequence

from litestar import get
from litestar.di import NamedDependency

from checkout_api.usecases.list_products import ListedProduct, ListProducts


@get("/v1/products", cache_control=None)
async def products(list_products: NamedDependency[ListProducts]) -> Sequence[ListedProduct]:
    """List what is on sale; amounts are integer minor units."""
    return await list_products()

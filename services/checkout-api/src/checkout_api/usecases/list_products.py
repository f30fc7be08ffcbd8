"""Product list: what is on sale, and which of it can be bought now."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from egpay.domain.catalogue import Product
from egpay.ports.storage import Begin


class ListedProduct(Product, frozen=True, kw_only=True):
    """A product on sale; one that was taken off sale is not listed. `available` is false while an order of it would be
    answered with 503, because the payment provider has no price at which it sells just what is listed."""

    available: bool


@dataclass(frozen=True, slots=True)
class ListProducts:
    """Loads what is on sale, from the catalogue as it is now."""

    begin: Begin

    async def __call__(self) -> Sequence[ListedProduct]:
        """Load devices and subscriptions in a stable order; raises Outage when the database is away."""
        async with self.begin() as uow:
            on_sale = await uow.products.all()
            sold = await uow.products.prices([product.id for product in on_sale])
        return [
            ListedProduct(**msgspec.structs.asdict(product), available=product.id in sold)
            for product in on_sale
        ]

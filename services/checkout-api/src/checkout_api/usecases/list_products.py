"""Product list: what a buyer can choose from."""

from collections.abc import Sequence
from dataclasses import dataclass

from egpay.domain.catalogue import Product
from egpay.ports.storage import Begin


@dataclass(frozen=True, slots=True)
class ListProducts:
    """Loads what is on sale, from the catalogue as it is now."""

    begin: Begin

    async def __call__(self) -> Sequence[Product]:
        """Load devices and subscriptions in a stable order; raises Outage when the database is away."""
        async with self.begin() as uow:
            return await uow.products.all()

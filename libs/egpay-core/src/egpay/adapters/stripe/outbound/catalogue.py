"""Catalogue sync: plans what an entry needs at Stripe, then makes its product and price so, and archives old prices.

Nothing of another installation is touched, and nothing is searched: Stripe's search lags behind. What is ours is found
by its id, which we choose for products, and by its lookup key, which we choose for prices.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from egpay.adapters.stripe.outbound.billing_portal import put_configuration
from egpay.adapters.stripe.outbound.catalogue_objects import (
    OURS,
    PriceListView,
    ProductView,
    SyncedPriceView,
    adoption_fault,
    is_anothers,
    is_said,
    lookup_key,
    own_product_id,
    price_key,
    price_marks,
    price_params,
    product_fault,
    product_params,
)
from egpay.adapters.stripe.outbound.client import StripeApi, connect, path_id, read
from egpay.domain.catalogue import CatalogueEntry, SoldPrice
from egpay.domain.currencies import shown
from egpay.domain.errors import RequestRefused


class FieldFault(msgspec.Struct, frozen=True):
    """Why Stripe's objects do not fit what a field of the file says."""

    field: str
    message: str


class PlannedEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry needs at Stripe: `product` and `price` are what was found, None what is to be made."""

    entry: CatalogueEntry
    product_id: str
    product: ProductView | None = None
    owned: bool = True
    """Whether the product is one that we have made or shall make, and not an adopted one."""
    price: SyncedPriceView | None = None
    before: SyncedPriceView | None = None
    faults: tuple[FieldFault, ...] = ()

    def __str__(self) -> str:
        """Say it for people."""
        price = shown(self.entry.unit_amount, self.entry.currency)
        if self.price:
            return f"is sold by {self.price.id} at {price}"
        if self.before and self.before.unit_amount is not None:
            old = shown(self.before.unit_amount, self.before.currency)
            return f"a new price of {price} takes the place of {self.before.id} ({old}); subscriptions keep theirs"
        return f"{'a new price' if self.product else 'a new product with a price'} of {price}"


@dataclass(frozen=True, slots=True)
class StripeCatalogue:
    """The part of a Stripe account that one installation sells by."""

    api: StripeApi
    installation: str

    @classmethod
    def connect(cls, secret_key: str, installation: str, *, api_base: str | None = None) -> "StripeCatalogue":
        """Connect to Stripe, or to the sandbox at `api_base`."""
        return cls(connect(secret_key, api_base=api_base), installation)

    async def plan(self, entry: CatalogueEntry, known: SoldPrice | None) -> PlannedEntry:
        """Look what an entry needs; `known` is the price that it is sold at by our books."""
        adopted = await self._price(entry.stripe_price) if entry.stripe_price else None
        if entry.stripe_price and (fault := adoption_fault(entry, adopted, self.installation)):
            return PlannedEntry(entry=entry, product_id="", faults=(FieldFault("stripe_price", fault),))
        product_id = self._product_id(entry, known, adopted)
        product = await self._product(product_id)
        owned = product_id == own_product_id(self.installation, entry)
        if fault := product_fault(product, adopted, self.installation, product_id=product_id, owned=owned):
            return PlannedEntry(
                entry=entry, product_id=product_id, faults=(FieldFault("stripe_product", fault),)
            )
        price, before = (adopted, None) if adopted else await self._sold(entry, known, product_id)
        return PlannedEntry(
            entry=entry, product_id=product_id, product=product, owned=owned, price=price, before=before
        )

    async def carry_out(self, planned: PlannedEntry) -> SoldPrice:
        """Make product and price what they shall be; doing it again changes nothing."""
        await self._put_product(planned)
        price = planned.price or await self._new_price(planned)
        marks = price_marks(planned.entry, self.installation)
        if not marks.items() <= price.metadata.items():
            await self._update(f"/v1/prices/{path_id(price.id, 'price')}", {"metadata": marks})
        entry = planned.entry
        return SoldPrice(
            id=path_id(price.id, "price"),
            product=entry.id,
            stripe_product=planned.product_id,
            amount=entry.unit_amount,
            currency=entry.currency,
            interval=entry.interval,
            interval_count=entry.interval_count,
            installation=self.installation,
        )

    async def archive(self, price_id: str) -> str | None:
        """Archive a price of ours, which takes no new buyer then; why it stays, or None when it is archived."""
        found = await self._price(price_id)
        if found is None or not found.active or is_anothers(found, self.installation):
            return None
        try:
            await self._update(f"/v1/prices/{path_id(price_id, 'price')}", {"active": False})
        except RequestRefused as refusal:
            return str(refusal)
        return None

    async def put_portal(self, offers: Sequence[SoldPrice]) -> int:
        """Let customers of the billing portal switch between these prices; returns between how many products."""
        return await put_configuration(
            self.api, self.installation, offers, key=f"billing-portal:{uuid.uuid4().hex}"
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self.api.aclose()

    def _product_id(
        self, entry: CatalogueEntry, known: SoldPrice | None, adopted: SyncedPriceView | None
    ) -> str:
        if entry.stripe_product:
            return entry.stripe_product
        if adopted:
            return adopted.product
        return known.stripe_product if known else own_product_id(self.installation, entry)

    async def _sold(
        self, entry: CatalogueEntry, known: SoldPrice | None, product_id: str
    ) -> tuple[SyncedPriceView | None, SyncedPriceView | None]:
        """The price that sells just this, and else the one that it takes the place of: by our books, then by its key."""
        before = await self._price(known.id) if known else None
        if before and not is_anothers(before, self.installation) and before.sells(entry, product_id):
            return before, None
        key = {"lookup_keys": [lookup_key(self.installation, entry)], "limit": 1}
        answer = await self.api.get("/v1/prices", key)
        keyed = next(iter(read(answer, PriceListView).data), None) if answer else None
        if keyed and not is_anothers(keyed, self.installation) and keyed.sells(entry, product_id):
            return keyed, None
        return None, before or keyed

    async def _price(self, price_id: str) -> SyncedPriceView | None:
        answer = await self.api.get(f"/v1/prices/{path_id(price_id, 'price')}")
        return read(answer, SyncedPriceView) if answer else None

    async def _product(self, product_id: str) -> ProductView | None:
        answer = await self.api.get(f"/v1/products/{path_id(product_id, 'product')}")
        return read(answer, ProductView) if answer else None

    async def _put_product(self, planned: PlannedEntry) -> None:
        params = product_params(planned.entry, self.installation)
        path = f"/v1/products/{path_id(planned.product_id, 'product')}"
        if planned.product is None:
            said = {name: value for name, value in params.items() if value}
            await self._update("/v1/products", {"id": planned.product_id, **said})
        elif planned.owned and not is_said(planned.product, params):
            await self._update(path, {**params, "images": params["images"] or "", "active": True})
        elif not planned.owned and OURS not in planned.product.metadata:
            await self._update(path, {"metadata": {OURS: self.installation}})

    async def _new_price(self, planned: PlannedEntry) -> SyncedPriceView:
        params = price_params(planned.entry, self.installation, planned.product_id)
        key = price_key(params, planned.before.id if planned.before else None)
        return read(await self.api.post("/v1/prices", params, idempotency_key=key), SyncedPriceView)

    async def _update(self, path: str, params: dict[str, Any]) -> None:
        await self.api.post(path, params, idempotency_key=f"catalogue:{uuid.uuid4().hex}")

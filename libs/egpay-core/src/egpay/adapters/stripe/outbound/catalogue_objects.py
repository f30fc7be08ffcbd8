"""Catalogue objects at Stripe: what we read of a product and a price, what we write, and how ours are marked."""

import hashlib
from typing import Any

import msgspec

from egpay.adapters.stripe.outbound.checkout import metadata
from egpay.domain.catalogue import CatalogueEntry

OURS = "egpay_installation"
PRODUCT = "egpay_product"


class ProductView(msgspec.Struct, frozen=True, kw_only=True):
    """docs.stripe.com/api/products/object, what matters to us."""

    id: str
    name: str
    active: bool = True
    description: str | None = None
    images: list[str] = []
    tax_code: str | None = None
    metadata: dict[str, str] = {}


class Recurring(msgspec.Struct, frozen=True, kw_only=True):
    """How often a price is charged, and whether by what was used."""

    interval: str
    interval_count: int = 1
    usage_type: str = "licensed"


class SyncedPriceView(msgspec.Struct, frozen=True, kw_only=True):
    """docs.stripe.com/api/prices/object, what matters to us; `unit_amount` is null where it depends on more."""

    id: str
    product: str
    currency: str
    active: bool = True
    unit_amount: int | None = None
    recurring: Recurring | None = None
    metadata: dict[str, str] = {}

    def difference(self, entry: CatalogueEntry) -> str | None:
        """Which field of the entry it does not have, or None when it sells just that."""
        recurring = self.recurring
        if (self.unit_amount, self.currency) != (entry.unit_amount, entry.currency):
            return "unit_amount"
        if (recurring.interval if recurring else None) != entry.interval:
            return "interval"
        if recurring and (recurring.interval_count, recurring.usage_type) != (
            entry.interval_count,
            "licensed",
        ):
            return "interval_count"
        return None

    def sells(self, entry: CatalogueEntry, product: str) -> bool:
        """Whether it sells just this entry to new buyers."""
        return self.active and self.product == product and self.difference(entry) is None


class PriceListView(msgspec.Struct, frozen=True):
    """A page of prices."""

    data: list[SyncedPriceView]


def lookup_key(installation: str, entry: CatalogueEntry) -> str:
    """By this key a price of ours is found again: this installation's, whatever else the account sells."""
    return f"egpay:{installation}:{entry.id}"


def own_product_id(installation: str, entry: CatalogueEntry) -> str:
    """The id that we give to a product, so that a second try finds the first one's."""
    return f"egpay_{installation}_{entry.id}"


def is_anothers(found: ProductView | SyncedPriceView, installation: str) -> bool:
    """Whether another installation has marked it."""
    return found.metadata.get(OURS, installation) != installation


def product_params(entry: CatalogueEntry, installation: str) -> dict[str, Any]:
    """What a product of ours says; an empty text removes what is no longer said."""
    # Stripe fetches a picture itself, so a path beside the store's pages is none that it can be told of.
    fetched = entry.image is not None and "://" in entry.image
    return {
        "name": entry.name,
        "description": entry.description,
        "images": [entry.image] if fetched else [],
        "tax_code": entry.tax_code or "",
        "metadata": metadata({PRODUCT: entry.id, OURS: installation}),
    }


def price_params(entry: CatalogueEntry, installation: str, product: str) -> dict[str, Any]:
    """What creates the price of an entry, which takes its lookup key from the one before."""
    params: dict[str, Any] = {
        "product": product,
        "currency": entry.currency,
        "unit_amount": entry.unit_amount,
        "lookup_key": lookup_key(installation, entry),
        "transfer_lookup_key": True,
        "metadata": price_marks(entry, installation),
    }
    if entry.interval:
        params["recurring"] = {"interval": entry.interval.value, "interval_count": entry.interval_count}
    return params


def price_marks(entry: CatalogueEntry, installation: str) -> dict[str, str]:
    """The metadata of a price of ours: a product's is in no event, so the price names both."""
    return metadata({PRODUCT: entry.id, OURS: installation})


def is_said(found: ProductView, params: dict[str, Any]) -> bool:
    """Whether a product says already what it shall."""
    marks = params["metadata"].items() <= found.metadata.items()
    texts = all((getattr(found, name) or "") == params[name] for name in ("name", "description", "tax_code"))
    return marks and texts and found.images == params["images"] and found.active


def price_key(params: dict[str, Any], before: str | None) -> str:
    """The idempotency key of a new price: one for what it says and for the price that it follows."""
    said = msgspec.json.encode([params, before], order="sorted")
    return f"catalogue:price:{hashlib.sha256(said).hexdigest()}"


def adoption_fault(entry: CatalogueEntry, found: SyncedPriceView | None, installation: str) -> str | None:
    """Why the price that an entry names cannot be adopted, or None."""
    if found is None:
        return "is no price at Stripe"
    if is_anothers(found, installation):
        return "belongs to another installation"
    if found.metadata.get(PRODUCT, entry.id) != entry.id:
        return "sells another product"
    if not found.active:
        return "is archived at Stripe"
    differs = found.difference(entry)
    return f"has another {differs} at Stripe" if differs else None


def product_fault(
    found: ProductView | None,
    adopted: SyncedPriceView | None,
    installation: str,
    *,
    product_id: str,
    owned: bool,
) -> str | None:
    """Why the product of an entry cannot be sold by us, or None."""
    if adopted and adopted.product != product_id:
        return f"is not the product of {adopted.id}"
    if found is None:
        return None if owned else "is no product at Stripe"
    if is_anothers(found, installation):
        return "belongs to another installation"
    return None if found.active or owned else "is archived at Stripe"

"""Subscription item: one price within a subscription; the item of our catalogue says plan and seats."""

import msgspec

from egpay.domain.values import ProductId


class SubscribedItem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Subscription item as the provider reports it.

    `price_id` and `product_id` are the provider's; `marked_product` is the product of a catalogue that the price's
    metadata names, and `installation` whose catalogue that is.
    """

    quantity: int = 1
    price_id: str | None = None
    product_id: str | None = None
    marked_product: ProductId | None = None
    installation: str | None = None


class PlanReport(msgspec.Struct, frozen=True, kw_only=True):
    """Plan report: what one report says of plan and seats; `own` is whether that item is of our catalogue."""

    quantity: int
    plan: ProductId | None = None
    price_id: str | None = None
    own: bool = False

    @property
    def rank(self) -> tuple[int, str, str]:
        """Sort key of two reports of one second, the same whichever comes first."""
        return self.quantity, self.price_id or "", self.plan or ""

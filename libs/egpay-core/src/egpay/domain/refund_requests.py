"""Refund request: what an operator asked the provider to give back of a payment, until its own report answers it.

    REQUESTED --a refund that bears the act's key is reported--> answered: made, failed or cancelled as that refund is
        |
        +-----the provider refuses it for good-----> refused: nothing goes back

It is stored with the payment under the key of the act; what answers it is found among the refunds of the payment, so
that the order of both makes no difference.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from egpay.domain.values import ProductId


class OrderedLine(msgspec.Struct, frozen=True, kw_only=True):
    """Ordered line: a product of the order with its quantity, and what one piece of it cost when it was due."""

    product: ProductId
    quantity: int
    unit_due: int
    device: bool = False


class RefundTerms(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Refund terms of an act: an amount in minor units, or quantities of the order's lines; neither is all that is left.

    `ordered` is the whole order, whose prices hold; `goodwill` is money alone.
    """

    amount: int | None = None
    lines: dict[ProductId, int] = {}
    ordered: tuple[OrderedLine, ...] = ()
    goodwill: bool = False


class RefundRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Refund request of an act: its amount in minor units, and what it says about the devices.

    `lines` are the quantities that it takes back; `goodwill` is money alone. `refusal` is the provider's code,
    parameter and request id where it refused for good, at `refused_at`; with the request itself where that is
    None, as for a dispute, of which either may be heard of first.
    """

    amount: int
    requested_at: datetime
    lines: dict[ProductId, int] = {}
    goodwill: bool = False
    refusal: str | None = None
    refused_at: datetime | None = None

    @property
    def decides(self) -> bool:
        """Whether it says itself which devices leave, so that nothing is held for it."""
        return self.goodwill or bool(self.lines)

    def refused(self, because: str, at: datetime | None) -> "RefundRequest":
        """The same, refused for good; the first reason stays."""
        return self if self.refusal else msgspec.structs.replace(self, refusal=because, refused_at=at)


def price_of(
    ordered: Sequence[OrderedLine],
    before: Mapping[ProductId, int],
    wanted: Mapping[ProductId, int],
    *,
    paid: int,
    shipping: int = 0,
    step: int = 1,
) -> int:
    """The money of `wanted` quantities, where those of `before` went back already.

    Each piece has its share of what was paid for all lines, so of discount and tax too, by its price in the order.
    Shipping goes back with the last piece. It is the difference of two sums that are rounded down to the currency's
    `step`, so that parts add up to the whole.
    """
    after = {one.product: before.get(one.product, 0) + wanted.get(one.product, 0) for one in ordered}
    shares = (_share(ordered, back, paid, shipping) for back in (after, before))
    now, then = (share if share == paid else share // step * step for share in shares)
    return now - then


def _share(ordered: Sequence[OrderedLine], back: Mapping[ProductId, int], paid: int, shipping: int) -> int:
    whole = sum(one.unit_due * one.quantity for one in ordered)
    part = sum(one.unit_due * back.get(one.product, 0) for one in ordered)
    if not whole:
        return 0
    return paid if part >= whole else (paid - shipping) * part // whole

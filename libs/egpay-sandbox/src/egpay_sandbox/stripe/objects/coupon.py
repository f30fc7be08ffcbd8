"""Discount objects: coupons, the codes that buyers type, and what was redeemed. Amounts are minor units."""

from typing import Literal

import msgspec

from egpay_sandbox.stripe.objects.customer import Metadata


class Coupon(msgspec.Struct, frozen=True, kw_only=True, tag="coupon", tag_field="object"):
    """Coupon: a part of the price, or an amount of one currency, off once, for months, or for ever."""

    id: str
    created: int
    duration: Literal["once", "repeating", "forever"]
    duration_in_months: int | None = None
    percent_off: float | None = None
    amount_off: int | None = None
    currency: str | None = None
    name: str | None = None
    max_redemptions: int | None = None
    redeem_by: int | None = None
    times_redeemed: int = 0
    metadata: Metadata = {}

    def redeemable(self, now: int) -> bool:
        """Whether it can still be redeemed at `now` (Unix seconds)."""
        left = self.max_redemptions is None or self.times_redeemed < self.max_redemptions
        return left and (self.redeem_by is None or now < self.redeem_by)


class PromotionCode(msgspec.Struct, frozen=True, kw_only=True, tag="promotion_code", tag_field="object"):
    """Promotion code: the words with which a buyer redeems a coupon, under conditions of their own."""

    id: str
    created: int
    code: str
    coupon: str
    active: bool = True
    customer: str | None = None
    expires_at: int | None = None
    max_redemptions: int | None = None
    minimum_amount: int | None = None
    minimum_amount_currency: str | None = None
    first_time_transaction: bool = False
    times_redeemed: int = 0
    metadata: Metadata = {}

    def redeemable(self, now: int) -> bool:
        """Whether it can still be redeemed at `now` (Unix seconds)."""
        left = self.max_redemptions is None or self.times_redeemed < self.max_redemptions
        return self.active and left and (self.expires_at is None or now < self.expires_at)


class Discount(msgspec.Struct, frozen=True, kw_only=True, tag="discount", tag_field="object"):
    """Discount: a coupon as it was redeemed, by a code or without one, until `end` (Unix seconds)."""

    id: str
    coupon: str
    start: int
    promotion_code: str | None = None
    end: int | None = None
    customer: str | None = None
    subscription: str | None = None
    checkout_session: str | None = None

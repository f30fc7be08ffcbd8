"""Parameters of coupons, promotion codes, and the discounts of other objects."""

from typing import Annotated, Literal

import msgspec

from egpay_sandbox.stripe.requests.paging import ListParams, Params

_Positive = Annotated[int, msgspec.Meta(ge=1)]


class DiscountParams(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One discount of a session or a subscription: a coupon, or a promotion code by its id."""

    coupon: str | None = None
    promotion_code: str | None = None


class CouponCreate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/coupons/create."""

    id: str | None = None
    duration: Literal["once", "repeating", "forever"] = "once"
    duration_in_months: _Positive | None = None
    percent_off: Annotated[float, msgspec.Meta(gt=0, le=100)] | None = None
    amount_off: _Positive | None = None
    currency: str | None = None
    name: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    max_redemptions: _Positive | None = None
    redeem_by: int | None = None
    metadata: dict[str, str] | str | None = None


class CouponUpdate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/coupons/update: what it takes off cannot change."""

    name: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    metadata: dict[str, str] | str | None = None


class Promotion(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What a promotion code redeems."""

    type: Literal["coupon"]
    coupon: str


class PromotionRestrictions(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Conditions of a promotion code."""

    first_time_transaction: bool = False
    minimum_amount: _Positive | None = None
    minimum_amount_currency: str | None = None


class PromotionCodeCreate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/promotion_codes/create."""

    promotion: Promotion
    code: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9-]{1,500}$")] | None = None
    active: bool = True
    customer: str | None = None
    expires_at: int | None = None
    max_redemptions: _Positive | None = None
    restrictions: PromotionRestrictions = PromotionRestrictions()
    metadata: dict[str, str] | str | None = None


class PromotionCodeUpdate(Params, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/promotion_codes/update."""

    active: bool | None = None
    metadata: dict[str, str] | str | None = None


class PromotionCodeList(ListParams, frozen=True, kw_only=True):
    """Parameters of docs.stripe.com/api/promotion_codes/list."""

    active: bool | None = None
    code: str | None = None
    coupon: str | None = None
    customer: str | None = None

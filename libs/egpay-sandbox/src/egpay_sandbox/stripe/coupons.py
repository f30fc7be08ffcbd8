"""Coupons and promotion codes: created, changed and listed by the merchant."""

import msgspec

from egpay_sandbox.ids import new_id, random_text
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import StripeApiError, invalid_parameter, missing_parameter
from egpay_sandbox.stripe.currencies import check_amount, checked_currency
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import Coupon, PromotionCode
from egpay_sandbox.stripe.requests.coupons import (
    CouponCreate,
    CouponUpdate,
    PromotionCodeCreate,
    PromotionCodeList,
    PromotionCodeUpdate,
)


def create_coupon(account: SandboxAccount, params: CouponCreate) -> Coupon:
    """Creates a coupon and emits `coupon.created`; an id from the caller must be new."""
    if params.id is not None and params.id in account.coupons:
        raise StripeApiError("Coupon already exists.", code="resource_already_exists", param="id")
    if (params.percent_off is None) == (params.amount_off is None):
        raise missing_parameter("percent_off or amount_off")
    if (params.duration == "repeating") != (params.duration_in_months is not None):
        raise invalid_parameter("It goes with a duration of `repeating`.", "duration_in_months")
    currency = None
    if params.amount_off is not None:
        currency = checked_currency(params.currency or "", "currency")
        check_amount(params.amount_off, currency, "amount_off")
    coupon = account.coupons.store(
        Coupon(
            id=params.id or random_text(8),
            created=account.clock.now(),
            duration=params.duration,
            duration_in_months=params.duration_in_months,
            percent_off=params.percent_off,
            amount_off=params.amount_off,
            currency=currency,
            name=params.name,
            max_redemptions=params.max_redemptions,
            redeem_by=params.redeem_by,
            metadata=merge_metadata({}, params.metadata),
        )
    )
    account.emit("coupon.created", coupon)
    return coupon


def update_coupon(account: SandboxAccount, params: CouponUpdate, coupon_id: str) -> Coupon:
    """Updates name and metadata; emits `coupon.updated` when something changed."""
    before = get_or_404(account.coupons, coupon_id)
    after = msgspec.structs.replace(
        before,
        name=before.name if params.name is None else params.name or None,
        metadata=merge_metadata(before.metadata, params.metadata),
    )
    if after != before:
        account.coupons.store(after)
        account.emit("coupon.updated", after, before)
    return after


def delete_coupon(account: SandboxAccount, coupon_id: str) -> Coupon:
    """Deletes a coupon, for which nothing new can be bought; what was redeemed stays."""
    coupon = get_or_404(account.coupons, coupon_id)
    account.coupons.remove(coupon_id)
    account.deleted_coupons.store(coupon)
    account.emit("coupon.deleted", coupon)
    return coupon


def create_promotion_code(account: SandboxAccount, params: PromotionCodeCreate) -> PromotionCode:
    """Creates a code for a coupon; of two active ones none may read alike, whatever the case."""
    coupon = get_or_404(account.coupons, params.promotion.coupon, "promotion[coupon]")
    if params.customer is not None:
        get_or_404(account.customers, params.customer, "customer")
    code = params.code or random_text(8).upper()
    if find_promotion_code(account, code) is not None:
        raise invalid_parameter("An active promotion code with this code already exists.", "code")
    conditions = params.restrictions
    promotion_code = account.promotion_codes.store(
        PromotionCode(
            id=new_id("promo"),
            created=account.clock.now(),
            code=code,
            coupon=coupon.id,
            active=params.active,
            customer=params.customer,
            expires_at=params.expires_at,
            max_redemptions=params.max_redemptions,
            minimum_amount=conditions.minimum_amount,
            minimum_amount_currency=conditions.minimum_amount_currency,
            first_time_transaction=conditions.first_time_transaction,
            metadata=merge_metadata({}, params.metadata),
        )
    )
    account.emit("promotion_code.created", promotion_code)
    return promotion_code


def update_promotion_code(account: SandboxAccount, params: PromotionCodeUpdate, row_id: str) -> PromotionCode:
    """Switches a code on or off, or changes its metadata; emits `promotion_code.updated`."""
    before = get_or_404(account.promotion_codes, row_id)
    after = msgspec.structs.replace(
        before,
        active=before.active if params.active is None else params.active,
        metadata=merge_metadata(before.metadata, params.metadata),
    )
    if after != before:
        account.promotion_codes.store(after)
        account.emit("promotion_code.updated", after, before)
    return after


def list_promotion_codes(account: SandboxAccount, params: PromotionCodeList) -> list[PromotionCode]:
    """Lists codes newest first."""
    return [
        row
        for row in account.promotion_codes.newest_first()
        if params.active in (None, row.active)
        and (params.code is None or row.code.lower() == params.code.lower())
        and params.coupon in (None, row.coupon)
        and params.customer in (None, row.customer)
    ]


def find_promotion_code(account: SandboxAccount, code: str) -> PromotionCode | None:
    """Finds the active code that reads so, whatever the case."""
    alike = (row for row in account.promotion_codes if row.code.lower() == code.strip().lower())
    return next((row for row in alike if row.active), None)

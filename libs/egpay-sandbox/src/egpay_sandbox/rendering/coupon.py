"""Rendering of coupons, promotion codes and discounts."""

from typing import Any

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import Coupon, Discount, PromotionCode


def render_coupon(account: SandboxAccount, coupon: Coupon) -> dict[str, Any]:
    """Renders a coupon (docs.stripe.com/api/coupons/object)."""
    return {
        "id": coupon.id,
        "object": "coupon",
        "amount_off": coupon.amount_off,
        "created": coupon.created,
        "currency": coupon.currency,
        "duration": coupon.duration,
        "duration_in_months": coupon.duration_in_months,
        "livemode": False,
        "max_redemptions": coupon.max_redemptions,
        "metadata": coupon.metadata,
        "name": coupon.name,
        "percent_off": coupon.percent_off,
        "redeem_by": coupon.redeem_by,
        "times_redeemed": coupon.times_redeemed,
        "valid": coupon.redeemable(account.clock.now()),
    }


def render_promotion_code(_: SandboxAccount, code: PromotionCode) -> dict[str, Any]:
    """Renders a promotion code (docs.stripe.com/api/promotion_codes/object)."""
    return {
        "id": code.id,
        "object": "promotion_code",
        "active": code.active,
        "code": code.code,
        "created": code.created,
        "customer": code.customer,
        "customer_account": None,
        "expires_at": code.expires_at,
        "livemode": False,
        "max_redemptions": code.max_redemptions,
        "metadata": code.metadata,
        "promotion": {"coupon": code.coupon, "type": "coupon"},
        "restrictions": {
            "first_time_transaction": code.first_time_transaction,
            "minimum_amount": code.minimum_amount,
            "minimum_amount_currency": code.minimum_amount_currency,
        },
        "times_redeemed": code.times_redeemed,
    }


def render_discount(_: SandboxAccount, discount: Discount) -> dict[str, Any]:
    """Renders a discount (docs.stripe.com/api/discounts/object)."""
    return {
        "id": discount.id,
        "object": "discount",
        "checkout_session": discount.checkout_session,
        "customer": discount.customer,
        "customer_account": None,
        "end": discount.end,
        "invoice": None,
        "invoice_item": None,
        "promotion_code": discount.promotion_code,
        "source": {"coupon": discount.coupon, "type": "coupon"},
        "start": discount.start,
        "subscription": discount.subscription,
        "subscription_item": None,
    }


def discount_amounts(discount_id: str | None, amount: int) -> list[dict[str, Any]]:
    """Renders what the one discount of an object took off, or nothing."""
    return [] if discount_id is None else [{"amount": amount, "discount": discount_id}]

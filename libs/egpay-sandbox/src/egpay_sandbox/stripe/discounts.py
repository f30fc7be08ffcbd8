"""Discounts: coupons redeemed by sessions and subscriptions, and what they take off each line."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe import billing_periods
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import StripeApiError, invalid_parameter
from egpay_sandbox.stripe.coupons import find_promotion_code
from egpay_sandbox.stripe.currencies import check_charge
from egpay_sandbox.stripe.objects import (
    CheckoutSession,
    Coupon,
    Discount,
    Invoice,
    PromotionCode,
    Subscription,
)
from egpay_sandbox.stripe.requests.coupons import DiscountParams


def resolve_discount(account: SandboxAccount, params: DiscountParams, param: str) -> Discount:
    """Resolves a coupon or a code of the API to a discount that begins now; it stores nothing."""
    if (params.coupon is None) == (params.promotion_code is None):
        raise invalid_parameter("Specify one of coupon and promotion_code.", param)
    if params.promotion_code is not None:
        code = get_or_404(account.promotion_codes, params.promotion_code, f"{param}[promotion_code]")
        return _redeemed(account, get_or_404(account.coupons, code.coupon, param), code, param)
    coupon = get_or_404(account.coupons, params.coupon or "", f"{param}[coupon]")
    return _redeemed(account, coupon, None, param)


def enter_promotion_code(account: SandboxAccount, session: CheckoutSession, text: str) -> CheckoutSession:
    """Applies the code that a buyer typed on the page."""
    if session.status != "open" or not session.allow_promotion_codes:
        raise StripeApiError("This Checkout Session takes no promotion codes.")
    code = find_promotion_code(account, text)
    coupon = account.coupons.get(code.coupon) if code else None
    if code is None or coupon is None or not _applies(code, session):
        raise invalid_parameter("This code is invalid.", "promotion_code")
    return account.sessions.store(
        discount_session(account, session, _redeemed(account, coupon, code, "promotion_code"))
    )


def remove_promotion_code(account: SandboxAccount, session: CheckoutSession) -> CheckoutSession:
    """Removes the code that a buyer had applied on the page; the session costs what it did before."""
    if session.status != "open" or not session.allow_promotion_codes:
        raise StripeApiError("This Checkout Session takes no promotion codes.")
    lines = [msgspec.structs.replace(line, discount=0) for line in session.lines]
    total = sum(line.amount for line in lines)
    return account.sessions.store(
        msgspec.structs.replace(session, lines=lines, amount_total=total, discount=None)
    )


def discount_session(
    account: SandboxAccount, session: CheckoutSession, discount: Discount
) -> CheckoutSession:
    """Takes a discount off a session's lines; it does not store the session."""
    coupon = find_coupon(account, discount.coupon)
    if coupon.currency not in (None, session.currency):
        raise invalid_parameter("The coupon is of another currency than the session.", "discounts")
    account.discounts.store(msgspec.structs.replace(discount, checkout_session=session.id))
    shares = shared_discount(coupon, [line.amount for line in session.lines])
    lines = [
        msgspec.structs.replace(line, discount=share)
        for line, share in zip(session.lines, shares, strict=True)
    ]
    total = sum(line.amount - line.discount for line in lines)
    check_charge(total, session.currency)
    return msgspec.structs.replace(session, lines=lines, amount_total=total, discount=discount.id)


def redeem(account: SandboxAccount, session: CheckoutSession) -> None:
    """Counts the redemption, once the session is complete."""
    discount = account.discounts.get(session.discount)
    if discount is None:
        return
    coupon, code = account.coupons.get(discount.coupon), account.promotion_codes.get(discount.promotion_code)
    if coupon is not None:
        account.coupons.store(msgspec.structs.replace(coupon, times_redeemed=coupon.times_redeemed + 1))
    if code is not None:
        account.promotion_codes.store(msgspec.structs.replace(code, times_redeemed=code.times_redeemed + 1))


def discount_subscription(account: SandboxAccount, sub: Subscription, discount: Discount) -> Subscription:
    """Attaches a discount to a subscription and emits `customer.discount.created`; it stores only the discount."""
    coupon = find_coupon(account, discount.coupon)
    months, end = coupon.duration_in_months, None
    if months is not None:
        end = billing_periods.add_interval(account.clock.now(), "month", months)
    attached = msgspec.structs.replace(
        discount, id=new_id("di"), customer=sub.customer, subscription=sub.id, end=end
    )
    account.discounts.store(attached)
    account.emit("customer.discount.created", attached)
    return msgspec.structs.replace(sub, discount=attached.id)


def discount_invoice(account: SandboxAccount, invoice: Invoice, discount_id: str | None) -> Invoice:
    """Takes a discount off a draft's lines, credits for unused time excepted."""
    discount = account.discounts.get(discount_id)
    if discount is None:
        return invoice
    coupon = find_coupon(account, discount.coupon)
    shares = shared_discount(coupon, [max(0, line.amount) for line in invoice.lines])
    lines = [
        msgspec.structs.replace(line, discount=share)
        for line, share in zip(invoice.lines, shares, strict=True)
    ]
    return msgspec.structs.replace(invoice, lines=lines, discount=discount.id)


def current_discount(account: SandboxAccount, sub: Subscription, at: int) -> str | None:
    """Returns the id of the discount that an invoice at `at` (Unix seconds) has, or None."""
    discount = account.discounts.get(sub.discount)
    if discount is None or (discount.end is not None and at >= discount.end):
        return None
    return discount.id


def outlives_an_invoice(account: SandboxAccount, discount_id: str | None) -> bool:
    """Whether a discount holds for further invoices: not when its coupon is for one only."""
    discount = account.discounts.get(discount_id)
    return discount is not None and find_coupon(account, discount.coupon).duration != "once"


def detach_spent_discount(account: SandboxAccount, sub: Subscription, at: int) -> Subscription:
    """Detaches a discount that holds for no later invoice: `customer.discount.deleted`; it stores nothing."""
    current = current_discount(account, sub, at)
    if sub.discount is None or (current and outlives_an_invoice(account, current)):
        return sub
    account.emit("customer.discount.deleted", account.discounts[sub.discount])
    return msgspec.structs.replace(sub, discount=None)


def shared_discount(coupon: Coupon, amounts: Sequence[int]) -> list[int]:
    """Shares a coupon out over lines: a part of each, or an amount in proportion to them."""
    if coupon.percent_off is not None:
        return [_part(amount, Decimal(str(coupon.percent_off)) / 100) for amount in amounts]
    total = sum(amounts)
    left, shares = min(coupon.amount_off or 0, total), []
    for amount in amounts:
        share = _part(left, Decimal(amount) / total) if total else 0
        shares.append(share)
        left, total = left - share, total - amount
    return shares


def find_coupon(account: SandboxAccount, coupon_id: str) -> Coupon:
    """Loads a coupon, also one that was deleted after it had been redeemed."""
    return account.coupons.get(coupon_id) or account.deleted_coupons[coupon_id]


def _redeemed(account: SandboxAccount, coupon: Coupon, code: PromotionCode | None, param: str) -> Discount:
    now = account.clock.now()
    if not coupon.redeemable(now) or not (code is None or code.redeemable(now)):
        raise invalid_parameter("This coupon or code has expired or was redeemed too often.", param)
    return Discount(id=new_id("di"), coupon=coupon.id, start=now, promotion_code=code.id if code else None)


def _applies(code: PromotionCode, session: CheckoutSession) -> bool:
    subtotal = sum(line.amount for line in session.lines)
    enough = code.minimum_amount is None or (
        subtotal >= code.minimum_amount and code.minimum_amount_currency in (None, session.currency)
    )
    return enough and code.customer in (None, session.customer)


def _part(amount: int, part: Decimal) -> int:
    return int((amount * part).quantize(Decimal(1), ROUND_HALF_UP))

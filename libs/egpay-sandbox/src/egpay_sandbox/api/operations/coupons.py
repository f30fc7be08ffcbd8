"""Coupon operations: coupons and promotion codes over HTTP."""

from typing import Any

from egpay_sandbox.api.api_operation import ApiCall, ApiOperation, list_page
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.stripe import coupons
from egpay_sandbox.stripe.account import get_or_404
from egpay_sandbox.stripe.requests.coupons import (
    CouponCreate,
    CouponUpdate,
    PromotionCodeCreate,
    PromotionCodeList,
    PromotionCodeUpdate,
)
from egpay_sandbox.stripe.requests.paging import AnyParams, ListParams

_COUPONS = "/v1/coupons"
_CODES = "/v1/promotion_codes"


def _create_coupon(call: ApiCall) -> dict[str, Any]:
    return render(call.account, coupons.create_coupon(call.account, call.params))


def _coupon(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.coupons, call.row_id))


def _update_coupon(call: ApiCall) -> dict[str, Any]:
    return render(call.account, coupons.update_coupon(call.account, call.params, call.row_id))


def _delete_coupon(call: ApiCall) -> dict[str, Any]:
    coupon = coupons.delete_coupon(call.account, call.row_id)
    return {"id": coupon.id, "object": "coupon", "deleted": True}


def _coupons(call: ApiCall) -> dict[str, Any]:
    rows = call.account.coupons.newest_first()
    return list_page(call, _COUPONS, [render(call.account, row) for row in rows])


def _create_code(call: ApiCall) -> dict[str, Any]:
    return render(call.account, coupons.create_promotion_code(call.account, call.params))


def _code(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.promotion_codes, call.row_id))


def _update_code(call: ApiCall) -> dict[str, Any]:
    return render(call.account, coupons.update_promotion_code(call.account, call.params, call.row_id))


def _codes(call: ApiCall) -> dict[str, Any]:
    rows = coupons.list_promotion_codes(call.account, call.params)
    return list_page(call, _CODES, [render(call.account, row) for row in rows])


OPERATIONS = [
    ApiOperation("POST", _COUPONS, CouponCreate, _create_coupon),
    ApiOperation("GET", _COUPONS, ListParams, _coupons),
    ApiOperation("GET", f"{_COUPONS}/{{id}}", AnyParams, _coupon),
    ApiOperation("POST", f"{_COUPONS}/{{id}}", CouponUpdate, _update_coupon),
    ApiOperation("DELETE", f"{_COUPONS}/{{id}}", AnyParams, _delete_coupon),
    ApiOperation("POST", _CODES, PromotionCodeCreate, _create_code),
    ApiOperation("GET", _CODES, PromotionCodeList, _codes),
    ApiOperation("GET", f"{_CODES}/{{id}}", AnyParams, _code),
    ApiOperation("POST", f"{_CODES}/{{id}}", PromotionCodeUpdate, _update_code),
]

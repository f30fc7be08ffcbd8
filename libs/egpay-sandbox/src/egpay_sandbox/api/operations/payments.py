"""Payment operations: payment intents, charges and refunds over HTTP."""

from typing import Any

from egpay_sandbox.api.api_operation import ApiCall, ApiOperation, list_page
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.stripe.account import get_or_404
from egpay_sandbox.stripe.refunds import cancel_refund, create_refund, list_refunds, update_refund
from egpay_sandbox.stripe.requests.paging import AnyParams
from egpay_sandbox.stripe.requests.refunds import RefundCreate, RefundList, RefundUpdate


def _intent(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.payment_intents, call.row_id))


def _charge(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.charges, call.row_id))


def _create_refund(call: ApiCall) -> dict[str, Any]:
    return render(call.account, create_refund(call.account, call.params))


def _retrieve_refund(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.refunds, call.row_id))


def _update_refund(call: ApiCall) -> dict[str, Any]:
    return render(call.account, update_refund(call.account, call.params, call.row_id))


def _cancel_refund(call: ApiCall) -> dict[str, Any]:
    return render(call.account, cancel_refund(call.account, call.row_id))


def _list_refunds(call: ApiCall) -> dict[str, Any]:
    rows = list_refunds(call.account, call.params)
    return list_page(call, "/v1/refunds", [render(call.account, row) for row in rows])


OPERATIONS = [
    ApiOperation("GET", "/v1/payment_intents/{id}", AnyParams, _intent),
    ApiOperation("GET", "/v1/charges/{id}", AnyParams, _charge),
    ApiOperation("POST", "/v1/refunds", RefundCreate, _create_refund),
    ApiOperation("GET", "/v1/refunds", RefundList, _list_refunds),
    ApiOperation("GET", "/v1/refunds/{id}", AnyParams, _retrieve_refund),
    ApiOperation("POST", "/v1/refunds/{id}", RefundUpdate, _update_refund),
    ApiOperation("POST", "/v1/refunds/{id}/cancel", AnyParams, _cancel_refund),
]

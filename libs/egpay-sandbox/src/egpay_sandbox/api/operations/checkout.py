"""Checkout operations: Checkout Sessions over HTTP."""

from typing import Any

from egpay_sandbox.api.api_operation import ApiCall, ApiOperation, list_page
from egpay_sandbox.rendering.line_item import render_session_line
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.stripe.account import get_or_404
from egpay_sandbox.stripe.checkout_sessions import create_session, expire_session, list_sessions
from egpay_sandbox.stripe.requests.checkout import SessionCreate, SessionList
from egpay_sandbox.stripe.requests.paging import AnyParams, ListParams

_PATH = "/v1/checkout/sessions"


def _create(call: ApiCall) -> dict[str, Any]:
    return render(call.account, create_session(call.account, call.params))


def _retrieve(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.sessions, call.row_id))


def _list(call: ApiCall) -> dict[str, Any]:
    rows = list_sessions(call.account, call.params)
    return list_page(call, _PATH, [render(call.account, row) for row in rows])


def _expire(call: ApiCall) -> dict[str, Any]:
    return render(call.account, expire_session(call.account, call.row_id))


def _line_items(call: ApiCall) -> dict[str, Any]:
    session = get_or_404(call.account.sessions, call.row_id)
    lines = [render_session_line(call.account, session, line) for line in session.lines]
    return list_page(call, f"{_PATH}/{session.id}/line_items", lines)


OPERATIONS = [
    ApiOperation("POST", _PATH, SessionCreate, _create),
    ApiOperation("GET", _PATH, SessionList, _list),
    ApiOperation("GET", f"{_PATH}/{{id}}", AnyParams, _retrieve),
    ApiOperation("POST", f"{_PATH}/{{id}}/expire", AnyParams, _expire),
    ApiOperation("GET", f"{_PATH}/{{id}}/line_items", ListParams, _line_items),
]

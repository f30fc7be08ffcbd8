"""Billing portal operations: sessions and their configurations over HTTP."""

from typing import Any

from egpay_sandbox.api.api_operation import ApiCall, ApiOperation, list_page
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.stripe.account import get_or_404
from egpay_sandbox.stripe.customers import create_portal_session
from egpay_sandbox.stripe.portal_configurations import (
    create_configuration,
    list_configurations,
    update_configuration,
)
from egpay_sandbox.stripe.requests.customers import PortalCreate
from egpay_sandbox.stripe.requests.paging import AnyParams
from egpay_sandbox.stripe.requests.portal import ConfigurationCreate, ConfigurationList, ConfigurationUpdate

_CONFIGURATIONS = "/v1/billing_portal/configurations"


def _open(call: ApiCall) -> dict[str, Any]:
    return render(call.account, create_portal_session(call.account, call.params))


def _configure(call: ApiCall) -> dict[str, Any]:
    return render(call.account, create_configuration(call.account, call.params))


def _update(call: ApiCall) -> dict[str, Any]:
    return render(call.account, update_configuration(call.account, call.row_id, call.params))


def _retrieve(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.portal_configurations, call.row_id))


def _list(call: ApiCall) -> dict[str, Any]:
    rows = list_configurations(call.account, call.params)
    return list_page(call, _CONFIGURATIONS, [render(call.account, row) for row in rows])


OPERATIONS = [
    ApiOperation("POST", "/v1/billing_portal/sessions", PortalCreate, _open),
    ApiOperation("POST", _CONFIGURATIONS, ConfigurationCreate, _configure),
    ApiOperation("POST", f"{_CONFIGURATIONS}/{{id}}", ConfigurationUpdate, _update),
    ApiOperation("GET", _CONFIGURATIONS, ConfigurationList, _list),
    ApiOperation("GET", f"{_CONFIGURATIONS}/{{id}}", AnyParams, _retrieve),
]

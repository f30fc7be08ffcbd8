"""Customer operations: customers over HTTP."""

from typing import Any

from egpay_sandbox.api.api_operation import ApiCall, ApiOperation, list_page
from egpay_sandbox.rendering.versions import render
from egpay_sandbox.stripe.account import get_or_404
from egpay_sandbox.stripe.customers import (
    create_customer,
    delete_customer,
    list_customers,
    update_customer,
)
from egpay_sandbox.stripe.requests.customers import CustomerCreate, CustomerList
from egpay_sandbox.stripe.requests.paging import AnyParams


def _create(call: ApiCall) -> dict[str, Any]:
    return render(call.account, create_customer(call.account, call.params))


def _retrieve(call: ApiCall) -> dict[str, Any]:
    return render(call.account, get_or_404(call.account.customers, call.row_id))


def _update(call: ApiCall) -> dict[str, Any]:
    return render(call.account, update_customer(call.account, call.params, call.row_id))


def _delete(call: ApiCall) -> dict[str, Any]:
    return render(call.account, delete_customer(call.account, call.row_id))


def _list(call: ApiCall) -> dict[str, Any]:
    rows = list_customers(call.account, call.params)
    return list_page(call, "/v1/customers", [render(call.account, row) for row in rows])


OPERATIONS = [
    ApiOperation("POST", "/v1/customers", CustomerCreate, _create),
    ApiOperation("GET", "/v1/customers", CustomerList, _list),
    ApiOperation("GET", "/v1/customers/{id}", AnyParams, _retrieve),
    ApiOperation("POST", "/v1/customers/{id}", CustomerCreate, _update),
    ApiOperation("DELETE", "/v1/customers/{id}", AnyParams, _delete),
]

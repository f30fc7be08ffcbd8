"""Operation table: method, path, parameters and function of everything that the API can do."""

from egpay_sandbox.api.api_operation import ApiOperation
from egpay_sandbox.api.operations import (
    balances,
    catalogue,
    checkout,
    coupons,
    customers,
    events,
    invoices,
    payments,
    portal,
    risk,
    subscriptions,
)

OPERATIONS: list[ApiOperation] = [
    *customers.OPERATIONS,
    *portal.OPERATIONS,
    *catalogue.OPERATIONS,
    *checkout.OPERATIONS,
    *coupons.OPERATIONS,
    *balances.OPERATIONS,
    *subscriptions.OPERATIONS,
    *invoices.OPERATIONS,
    *payments.OPERATIONS,
    *risk.OPERATIONS,
    *events.OPERATIONS,
]

"""Operation table: method, path, parameters and function of everything that the API can do."""

from egpay_sandbox.api.api_operation import ApiOperation
from egpay_sandbox.api.operations import (
    balances,
    billing,
    catalogue,
    checkout,
    coupons,
    customers,
    events,
    payments,
    portal,
    risk,
)

OPERATIONS: list[ApiOperation] = [
    *customers.OPERATIONS,
    *portal.OPERATIONS,
    *catalogue.OPERATIONS,
    *checkout.OPERATIONS,
    *coupons.OPERATIONS,
    *balances.OPERATIONS,
    *billing.OPERATIONS,
    *payments.OPERATIONS,
    *risk.OPERATIONS,
    *events.OPERATIONS,
]

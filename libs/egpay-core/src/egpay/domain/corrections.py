"""Corrections: what an operator set right in an order before it left; the order itself stays as it was placed."""

from datetime import datetime

import msgspec

from egpay.domain.order import Order
from egpay.domain.values import Address


class CorrectedAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Corrected address: where the devices go instead, as it was typed, since `at`; of several the newest counts."""

    at: datetime
    address: Address


def order_as_corrected(order: Order, corrected: CorrectedAddress | None) -> Order:
    """The order with the address to which its devices go."""
    if corrected is None:
        return order
    return msgspec.structs.replace(order, shipping_address=corrected.address)

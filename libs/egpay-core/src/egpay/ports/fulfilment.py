"""Warehouse: ships, holds, releases, changes or cancels the devices of a sale, idempotent by the command's key."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from egpay.domain.order import OrderLine
from egpay.domain.values import Address, MessageId, SaleId


class ShippingOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Shipping order: the recipient, the address and the devices of one sale; `attempt` counts requests, from 1."""

    sale_id: SaleId
    name: str
    organisation: str
    address: Address
    devices: Sequence[OrderLine]
    attempt: int = 1


class Warehouse(Protocol):
    """Warehouse: takes instructions about the devices of a sale; a repeated key has no second effect.

    `key` is the command's id, the same at every try. `revision` numbers the instructions about one sale, from
    1, as a fencing token: an instruction that arrives after one of a higher number is stale, except that a
    request always says what there is to ship. 0 stands for an instruction from before revisions were counted.
    Each method raises Outage when the warehouse does not take the instruction now (PausedByProvider when it
    takes none for a while, RefusedByProvider when it does not accept us), and Defect when it refuses for good.
    """

    async def ship(self, order: ShippingOrder, *, key: MessageId, revision: int) -> None:
        """Ship these devices."""
        ...

    async def hold(self, sale_id: SaleId, *, key: MessageId, revision: int) -> None:
        """Hold the devices of this sale until they are released or cancelled."""
        ...

    async def release(self, sale_id: SaleId, *, key: MessageId, revision: int) -> None:
        """Release held devices, so that the warehouse ships them."""
        ...

    async def change(self, order: ShippingOrder, *, key: MessageId, revision: int) -> None:
        """Ship these devices instead, to this address, unless they left."""
        ...

    async def cancel(self, sale_id: SaleId, *, key: MessageId, revision: int) -> None:
        """Cancel the shipment of this sale: its devices stay in the warehouse."""
        ...

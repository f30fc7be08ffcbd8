"""A warehouse: told what to ship, to keep, to let go or to stop, and recognising what it was told before."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from egpay.domain.order import OrderLine
from egpay.domain.values import Address, MessageId, SaleId


class ShippingOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the warehouse needs: whom to send which devices to."""

    sale_id: SaleId
    name: str
    organisation: str
    address: Address
    devices: Sequence[OrderLine]


class Warehouse(Protocol):
    """`key` is the command's id, the same however often it is said. `revision` numbers what is said about one sale,
    from 1: what arrives after something of a higher number is old news, save that a request always tells what there
    is to ship. 0 is a word of a time when nobody counted. Each raises Outage when the warehouse does not
    take it now, and Defect when it refuses for good."""

    async def ship(self, order: ShippingOrder, *, key: MessageId, revision: int) -> None:
        """Ship these devices."""
        ...

    async def hold(self, sale_id: SaleId, *, key: MessageId, revision: int) -> None:
        """Keep the devices of this sale until further notice."""
        ...

    async def release(self, sale_id: SaleId, *, key: MessageId, revision: int) -> None:
        """Let held devices go."""
        ...

    async def cancel(self, sale_id: SaleId, *, key: MessageId, revision: int) -> None:
        """The devices of this sale stay."""
        ...

"""Guarded warehouse: waits out the pauses it asks for, and raises an alarm while it refuses us."""

from dataclasses import dataclass

from egpay.domain.values import MessageId, SaleId
from egpay.ports.fulfilment import ShippingOrder, Warehouse
from egpay.provider_calls import ProviderCalls


@dataclass(frozen=True, slots=True)
class GuardedWarehouse(Warehouse):
    """The warehouse behind its status, which all workers share."""

    warehouse: Warehouse
    calls: ProviderCalls

    async def ship(self, order: ShippingOrder, *, key: MessageId, revision: int) -> None:
        """Instruct it, unless it asked for a pause."""
        await self.calls(lambda: self.warehouse.ship(order, key=key, revision=revision))

    async def hold(self, sale_id: SaleId, *, key: MessageId, revision: int) -> None:
        """Instruct it, unless it asked for a pause."""
        await self.calls(lambda: self.warehouse.hold(sale_id, key=key, revision=revision))

    async def release(self, sale_id: SaleId, *, key: MessageId, revision: int) -> None:
        """Instruct it, unless it asked for a pause."""
        await self.calls(lambda: self.warehouse.release(sale_id, key=key, revision=revision))

    async def change(self, order: ShippingOrder, *, key: MessageId, revision: int) -> None:
        """Instruct it, unless it asked for a pause."""
        await self.calls(lambda: self.warehouse.change(order, key=key, revision=revision))

    async def cancel(self, sale_id: SaleId, *, key: MessageId, revision: int) -> None:
        """Instruct it, unless it asked for a pause."""
        await self.calls(lambda: self.warehouse.cancel(sale_id, key=key, revision=revision))

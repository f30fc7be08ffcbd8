"""Fulfilment state machine: accepted at once, shipped soon, delivered on request."""

import asyncio

import msgspec

from egpay_sandbox.clock import Clock
from egpay_sandbox.delivery.webhook_dispatcher import WebhookDispatcher
from egpay_sandbox.sqlite_store import SqliteStore
from egpay_sandbox.warehouse.orders import (
    MessageKind,
    OrderMessage,
    SeenWebhook,
    WarehouseCallback,
    WarehouseOrder,
)
from egpay_sandbox.warehouse.parcels import ParcelDesk

_POLL_SECONDS = 0.05
_LEFT = ("shipped", "delivered", "returned")
_FINAL_STATUSES = (*_LEFT, "failed", "cancelled")


class WarehouseSimulator:
    """Runs the state machine of orders; `delay` is seconds between acceptance and shipping."""

    def __init__(
        self,
        sqlite_store: SqliteStore,
        clock: Clock,
        dispatcher: WebhookDispatcher,
        delay: float,
        public_url: str,
    ) -> None:
        self.orders = sqlite_store.collection("orders", WarehouseOrder)
        self.seen_webhooks = sqlite_store.collection("receipts", SeenWebhook)
        self.callbacks = sqlite_store.collection("notices", WarehouseCallback)
        self.parcels = ParcelDesk(self.orders, self.callbacks, clock, dispatcher, public_url)
        self._clock = clock
        self._delay = delay
        self._refusal: tuple[int, int, MessageKind | None] = (503, 0, None)

    def refuse_next(self, status: int, times: int, kind: MessageKind | None = None) -> None:
        """Refuses the next `times` messages (of this kind) with this HTTP status."""
        self._refusal = (status, times, kind)

    def next_refusal(self, kind: str) -> int | None:
        """Returns the status to refuse this message with, or None; a refusal counts."""
        status, left, only = self._refusal
        if not left or only not in (None, kind):
            return None
        self._refusal = (status, left - 1, only)
        return status

    def receive(self, webhook_id: str, message: OrderMessage) -> bool:
        """Takes a message once; False for a webhook-id it has already processed."""
        if webhook_id in self.seen_webhooks:
            return False
        self.seen_webhooks.store(SeenWebhook(id=webhook_id, at=self._clock.wall()))
        sale, revision = message.data.sale_id, message.data.revision
        order = self.orders.get(sale) or WarehouseOrder(id=sale)
        overtaken = 0 < revision < order.revision
        entry = f"{message.type} (overtaken)" if overtaken else message.type
        order = msgspec.structs.replace(
            order, history=[*order.history, entry], revision=max(revision, order.revision)
        )
        match message.type:
            case "shipment.requested":
                # Also when overtaken: only a request names what to ship. The newest revision decides if it may.
                self._request(order, message, overtaken=overtaken)
            case "shipment.changed":
                self._change(order, message)
            case "shipment.cancelled":
                self._cancel(order, revision)
            case _ if overtaken:
                self._update(order)
            case "shipment.held":
                self._hold(order)
            case "shipment.released":
                self._release(order)
        return True

    async def ship_due_orders(self) -> None:
        """Ships due orders until cancelled."""
        while True:
            now = self._clock.wall()
            for order in self.orders:
                if order.ship_at is not None and order.ship_at <= now:
                    self.parcels.ship(order.id)
            await asyncio.sleep(_POLL_SECONDS)

    def _request(self, order: WarehouseOrder, message: OrderMessage, *, overtaken: bool) -> None:
        data = message.data
        again = data.attempt > order.attempt
        held = order.held and (overtaken or not again)
        if data.attempt < order.attempt:
            self._update(order)
            return
        order = self._update(order, requests=1 if again else order.requests + 1)
        goes_again = again and data.revision >= order.cancelled_revision
        if order.requests > 1 or (order.status == "cancelled" and not goes_again):
            return
        newer = data.revision < order.items_revision
        order = self._update(
            order,
            name=order.name if newer and order.address else data.name,
            address=order.address if newer and order.address else data.address,
            items=order.items if newer else data.items,
            items_revision=max(order.items_revision, data.revision),
            attempt=max(order.attempt, data.attempt),
            parcels=[] if again else order.parcels,
            held=held,
            status="held" if held else "accepted",
            ship_at=None if held else self._clock.wall() + self._delay,
        )
        self.parcels.report("shipment.accepted", order)

    def _cancel(self, order: WarehouseOrder, revision: int) -> None:
        """Stops it, unless it left, or this was decided before it was asked for once more."""
        before = order.attempt > 1 and 0 < revision < order.items_revision
        if before or order.status in _LEFT:
            self._update(order)
        else:
            self._update(
                order,
                status="cancelled",
                cancelled_revision=max(revision, order.cancelled_revision),
                ship_at=None,
            )

    def _change(self, order: WarehouseOrder, message: OrderMessage) -> None:
        """Takes other items and another address, unless the parcel left or a newer message named them.

        A hold with a higher number does not overtake it: it says nothing of items.
        """
        revision = message.data.revision
        if order.status in _FINAL_STATUSES or 0 < revision < order.items_revision:
            self._update(order)
        else:
            data = message.data
            told = {"address": data.address, "name": data.name} if data.address else {}
            self._update(order, items=data.items, items_revision=revision, **told)

    def _hold(self, order: WarehouseOrder) -> None:
        if order.status in _FINAL_STATUSES:
            # A request to ship once more may be on its way, unless the buyer has it.
            self._update(order, held=order.status not in {"shipped", "delivered"})
        else:
            self._update(order, held=True, status="held", ship_at=None)

    def _release(self, order: WarehouseOrder) -> None:
        if order.status in _FINAL_STATUSES:
            self._update(order, held=False)
            return
        known = order.requests > 0
        self._update(
            order,
            held=False,
            status="accepted" if known else "requested",
            ship_at=self._clock.wall() + self._delay if known else None,
        )

    def _update(self, order: WarehouseOrder, **changes: object) -> WarehouseOrder:
        return self.parcels.update(order, **changes)

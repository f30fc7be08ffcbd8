"""Fulfilment state machine: accepted at once, shipped soon, delivered on request."""

import asyncio
from typing import Literal

import msgspec

from egpay_sandbox.clock import Clock
from egpay_sandbox.delivery.delivery_log import WebhookDelivery
from egpay_sandbox.delivery.webhook_dispatcher import WebhookDispatcher
from egpay_sandbox.ids import new_id, random_text
from egpay_sandbox.sqlite_store import SqliteStore
from egpay_sandbox.stripe.api_errors import missing_resource, wrong_state
from egpay_sandbox.warehouse.orders import OrderMessage, SeenWebhook, WarehouseCallback, WarehouseOrder

_POLL_SECONDS = 0.05
_FINAL_STATUSES = ("shipped", "delivered", "failed", "cancelled")


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
        self._clock = clock
        self._dispatcher = dispatcher
        self._delay = delay
        self._public_url = public_url
        self._refusal = (503, 0)

    def refuse_next(self, status: int, times: int) -> None:
        """Refuses the next `times` messages with this HTTP status."""
        self._refusal = (status, times)

    def next_refusal(self) -> int | None:
        """Returns the status to refuse this message with, or None; a refusal counts."""
        status, left = self._refusal
        self._refusal = (status, max(0, left - 1))
        return status if left else None

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
                self._request(order, message)
            case "shipment.cancelled":
                over = order.status in ("shipped", "delivered")
                self._update(order, status=order.status if over else "cancelled", ship_at=None)
            case _ if overtaken:
                self._update(order)
            case "shipment.held":
                self._hold(order)
            case "shipment.released":
                self._release(order)
        return True

    def ship(self, sale: str) -> WarehouseOrder:
        """Ships the parcel, with a tracking number."""
        order = self._order(sale)
        if order.status in _FINAL_STATUSES or order.held:
            raise wrong_state(f"Order {sale} is {order.status} and cannot be shipped.")
        number = f"EG{random_text(10).upper()}"
        shipped = self._update(
            order, status="shipped", ship_at=None, carrier="Sandbox Post", tracking_number=number
        )
        self._send_callback("shipment.shipped", shipped)
        return shipped

    def finish(self, sale: str, outcome: Literal["delivered", "failed"]) -> WarehouseOrder:
        """Ends the delivery: the parcel arrives, or does not."""
        order = self._order(sale)
        if order.status in ("delivered", "failed", "cancelled"):
            raise wrong_state(f"Order {sale} is {order.status}.")
        done = self._update(order, status=outcome, ship_at=None)
        self._send_callback("shipment.delivered" if outcome == "delivered" else "shipment.failed", done)
        return done

    async def ship_due_orders(self) -> None:
        """Ships due orders until cancelled."""
        while True:
            now = self._clock.wall()
            for order in self.orders:
                if order.ship_at is not None and order.ship_at <= now:
                    self.ship(order.id)
            await asyncio.sleep(_POLL_SECONDS)

    def _request(self, order: WarehouseOrder, message: OrderMessage) -> None:
        data = message.data
        first = order.requests == 0
        order = self._update(order, requests=order.requests + 1)
        if not first or order.status == "cancelled":
            return
        status = "held" if order.held else "accepted"
        order = self._update(
            order,
            name=data.name,
            address=data.address,
            items=data.items,
            status=status,
            ship_at=None if order.held else self._clock.wall() + self._delay,
        )
        self._send_callback("shipment.accepted", order)

    def _hold(self, order: WarehouseOrder) -> None:
        if order.status in _FINAL_STATUSES:
            self._update(order)
        else:
            self._update(order, held=True, status="held", ship_at=None)

    def _release(self, order: WarehouseOrder) -> None:
        if order.status in _FINAL_STATUSES:
            self._update(order)
            return
        known = order.requests > 0
        self._update(
            order,
            held=False,
            status="accepted" if known else "requested",
            ship_at=self._clock.wall() + self._delay if known else None,
        )

    def _order(self, sale: str) -> WarehouseOrder:
        order = self.orders.get(sale)
        if order is None:
            raise missing_resource("order", sale)
        return order

    def _update(self, order: WarehouseOrder, **changes: object) -> WarehouseOrder:
        return self.orders.store(msgspec.structs.replace(order, **changes))

    def _send_callback(
        self,
        kind: Literal["shipment.accepted", "shipment.shipped", "shipment.delivered", "shipment.failed"],
        order: WarehouseOrder,
    ) -> None:
        tracked = order.tracking_number is not None
        callback = self.callbacks.store(
            WarehouseCallback(
                id=new_id("msg"),
                type=kind,
                sale=order.id,
                at=self._clock.wall(),
                carrier=order.carrier,
                tracking_number=order.tracking_number,
                tracking_url=f"{self._public_url}/warehouse/track/{order.tracking_number}"
                if tracked
                else None,
            )
        )
        delivery = WebhookDelivery(
            id=new_id("dlv"),
            channel="warehouse",
            subject=callback.id,
            type=kind,
            target="callback",
            posted_at=callback.at,
        )
        self._dispatcher.enqueue(delivery)

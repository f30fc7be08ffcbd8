"""Parcels: what leaves, arrives, comes back or is lost, each reported by a callback."""

from typing import Literal

import msgspec

from egpay_sandbox.clock import Clock
from egpay_sandbox.collection import Collection
from egpay_sandbox.delivery.delivery_log import WebhookDelivery
from egpay_sandbox.delivery.webhook_dispatcher import WebhookDispatcher
from egpay_sandbox.ids import new_id, random_text
from egpay_sandbox.stripe.api_errors import missing_resource, wrong_state
from egpay_sandbox.warehouse.orders import CallbackKind, Parcel, WarehouseCallback, WarehouseOrder

_CARRIER = "Sandbox Post"


class ParcelDesk:
    """Changes orders by what happens to their parcels, and enqueues the callbacks."""

    def __init__(
        self,
        orders: Collection[WarehouseOrder],
        callbacks: Collection[WarehouseCallback],
        clock: Clock,
        dispatcher: WebhookDispatcher,
        public_url: str,
    ) -> None:
        self.orders = orders
        self.callbacks = callbacks
        self._clock = clock
        self._dispatcher = dispatcher
        self._public_url = public_url

    def ship(
        self,
        sale: str,
        *,
        number: str | None = None,
        carrier: str | None = None,
        tracking_number: str | None = None,
    ) -> WarehouseOrder:
        """Ships a parcel; with a number of its own it may be a further one."""
        order = self.order(sale)
        further = order.status == "shipped" and number not in [p.number for p in order.parcels]
        if order.held or (order.status not in ("requested", "accepted") and not (further and number)):
            raise wrong_state(f"Order {sale} is {order.status} and cannot be shipped.")
        parcel = Parcel(
            number=number,
            carrier=carrier or _CARRIER,
            tracking_number=tracking_number or f"EG{random_text(10).upper()}",
        )
        shipped = self.update(order, status="shipped", ship_at=None, parcels=[*order.parcels, parcel])
        self.report("shipment.shipped", shipped, parcel)
        return shipped

    def correct(
        self, sale: str, *, number: str | None, carrier: str | None, tracking_number: str | None
    ) -> WarehouseOrder:
        """Corrects carrier and tracking of a parcel, by default of the newest: `shipment.shipped` again."""
        order = self.order(sale)
        places = [n for n, p in enumerate(order.parcels) if number in (None, p.number)]
        if not places:
            raise wrong_state(f"Order {sale} has no such parcel.")
        old = order.parcels[places[-1]]
        parcel = Parcel(
            number=old.number,
            carrier=carrier or old.carrier,
            tracking_number=tracking_number or f"EG{random_text(10).upper()}",
        )
        parcels = [parcel if n == places[-1] else p for n, p in enumerate(order.parcels)]
        corrected = self.update(order, parcels=parcels)
        self.report("shipment.shipped", corrected, parcel)
        return corrected

    def finish(self, sale: str, outcome: Literal["delivered", "failed"]) -> WarehouseOrder:
        """Ends the delivery: it arrives, or cannot be sent, or is lost on its way."""
        order = self.order(sale)
        if order.status in ("delivered", "returned", "failed", "cancelled"):
            raise wrong_state(f"Order {sale} is {order.status}.")
        done = self.update(order, status=outcome, ship_at=None)
        self.report("shipment.delivered" if outcome == "delivered" else "shipment.failed", done)
        return done

    def give_back(self, sale: str) -> WarehouseOrder:
        """Takes a parcel back that had left: `shipment.returned`."""
        order = self.order(sale)
        if not order.parcels or order.status == "returned":
            raise wrong_state(f"Order {sale} is {order.status}; nothing of it can come back.")
        returned = self.update(order, status="returned")
        self.report("shipment.returned", returned)
        return returned

    def order(self, sale: str) -> WarehouseOrder:
        """Loads an order, or raises 404."""
        order = self.orders.get(sale)
        if order is None:
            raise missing_resource("order", sale)
        return order

    def update(self, order: WarehouseOrder, **changes: object) -> WarehouseOrder:
        """Stores an order with changed fields."""
        return self.orders.store(msgspec.structs.replace(order, **changes))

    def report(self, kind: CallbackKind, order: WarehouseOrder, parcel: Parcel | None = None) -> None:
        """Enqueues a callback about an order, with the tracking of a parcel or of the newest one."""
        shown = parcel or (order.parcels[-1] if order.parcels else None)
        callback = self.callbacks.store(
            WarehouseCallback(
                id=new_id("msg"),
                type=kind,
                sale=order.id,
                at=self._clock.wall(),
                parcel=shown.number if shown else None,
                carrier=shown.carrier if shown else None,
                tracking_number=shown.tracking_number if shown else None,
                tracking_url=f"{self._public_url}/warehouse/track/{shown.tracking_number}" if shown else None,
            )
        )
        self._dispatcher.enqueue(
            WebhookDelivery(
                id=new_id("dlv"),
                channel="warehouse",
                subject=callback.id,
                type=kind,
                target="callback",
                posted_at=callback.at,
            )
        )

"""Warehouse records: orders with their parcels and history, and the callbacks about them."""

from typing import Any, Literal

import msgspec

OrderStatus = Literal[
    "requested", "held", "accepted", "shipped", "delivered", "returned", "failed", "cancelled"
]
MessageKind = Literal[
    "shipment.requested", "shipment.held", "shipment.released", "shipment.changed", "shipment.cancelled"
]
CallbackKind = Literal[
    "shipment.accepted", "shipment.shipped", "shipment.delivered", "shipment.returned", "shipment.failed"
]


class OrderItem(msgspec.Struct, frozen=True, kw_only=True):
    """Quantity of one product."""

    product: str
    quantity: int
    name: str = ""


class OrderData(msgspec.Struct, frozen=True, kw_only=True):
    """The `data` of a message to the warehouse; a request names the parcel, a change its items.

    `revision` numbers the messages about one sale, from 1. `attempt` counts requests to ship again.
    """

    sale_id: str
    revision: int = 0
    attempt: int = 1
    name: str = ""
    address: dict[str, Any] = {}
    items: list[OrderItem] = []


class OrderMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message to the warehouse; `timestamp` is RFC 3339."""

    type: MessageKind
    timestamp: str
    data: OrderData


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel that left; `number` is the warehouse's own, None while there is only one."""

    number: str | None
    carrier: str
    tracking_number: str


class WarehouseOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be shipped for a sale, in one parcel or several.

        requested ──▶ accepted ◀──▶ held        shipped ──▶ delivered
                         ├──▶ shipped              ├──▶ failed
                         └──▶ failed, cancelled    └──▶ returned (also from delivered and failed)

    `requests` counts distinct requests for it: more than one of an attempt is a fault of the sender. `revision`
    is the highest number of any message about it, `items_revision` that of the message its items are from,
    `cancelled_revision` that of its newest cancellation.
    """

    id: str
    status: OrderStatus = "requested"
    name: str = ""
    address: dict[str, Any] = {}
    items: list[OrderItem] = []
    items_revision: int = 0
    requests: int = 0
    attempt: int = 1
    revision: int = 0
    cancelled_revision: int = 0
    held: bool = False
    ship_at: float | None = None
    parcels: list[Parcel] = []
    history: list[str] = []

    @property
    def tracking_number(self) -> str | None:
        """The number of the newest parcel, if one left."""
        return self.parcels[-1].tracking_number if self.parcels else None


class SeenWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A processed webhook-id, at `at` (Unix seconds)."""

    id: str
    at: float


class WarehouseCallback(msgspec.Struct, frozen=True, kw_only=True):
    """An event from the warehouse; `id` is its stable webhook-id, `at` Unix seconds."""

    id: str
    type: CallbackKind
    sale: str
    at: float
    parcel: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None

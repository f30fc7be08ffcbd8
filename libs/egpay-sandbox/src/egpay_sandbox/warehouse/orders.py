"""Warehouse records: orders with their history, and the callbacks about them."""

from typing import Any, Literal

import msgspec

OrderStatus = Literal["requested", "held", "accepted", "shipped", "delivered", "failed", "cancelled"]


class OrderItem(msgspec.Struct, frozen=True, kw_only=True):
    """Quantity of one product."""

    product: str
    quantity: int
    name: str = ""


class OrderData(msgspec.Struct, frozen=True, kw_only=True):
    """The `data` of a message to the warehouse; only a request needs more than the sale.

    `revision` numbers the messages about one sale, from 1.
    """

    sale_id: str
    revision: int = 0
    name: str = ""
    address: dict[str, Any] = {}
    items: list[OrderItem] = []


class OrderMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message to the warehouse; `timestamp` is RFC 3339."""

    type: Literal["shipment.requested", "shipment.held", "shipment.released", "shipment.cancelled"]
    timestamp: str
    data: OrderData


class WarehouseOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One parcel per sale.

    `requests` counts distinct requests for it: more than one is a fault of the sender. `revision` is the
    highest number of any message about it.
    """

    id: str
    status: OrderStatus = "requested"
    name: str = ""
    address: dict[str, Any] = {}
    items: list[OrderItem] = []
    requests: int = 0
    revision: int = 0
    held: bool = False
    ship_at: float | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    history: list[str] = []


class SeenWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """A processed webhook-id, at `at` (Unix seconds)."""

    id: str
    at: float


class WarehouseCallback(msgspec.Struct, frozen=True, kw_only=True):
    """An event from the warehouse; `id` is its stable webhook-id, `at` Unix seconds."""

    id: str
    type: Literal["shipment.accepted", "shipment.shipped", "shipment.delivered", "shipment.failed"]
    sale: str
    at: float
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None

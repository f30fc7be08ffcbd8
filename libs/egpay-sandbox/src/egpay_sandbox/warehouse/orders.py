"""What the warehouse knows: orders with their history, and what it told about them."""

from typing import Any, Literal

import msgspec

OrderStatus = Literal["requested", "held", "accepted", "shipped", "delivered", "failed", "cancelled"]


class OrderItem(msgspec.Struct, frozen=True, kw_only=True):
    """So many of one product."""

    product: str
    quantity: int
    name: str = ""


class OrderData(msgspec.Struct, frozen=True, kw_only=True):
    """The `data` of a message to the warehouse; only a request needs more than the sale. `revision` numbers what is said
    about one sale, from 1."""

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
    """One parcel per sale. `requests` counts distinct requests for it: more than one is somebody's fault. `revision` is
    the highest number that anything said about it bore."""

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
    """A webhook-id that was seen, at `at` (Unix seconds)."""

    id: str
    at: float


class WarehouseCallback(msgspec.Struct, frozen=True, kw_only=True):
    """An event the warehouse tells; `id` is its stable webhook-id, `at` Unix seconds."""

    id: str
    type: Literal["shipment.accepted", "shipment.shipped", "shipment.delivered", "shipment.failed"]
    sale: str
    at: float
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None

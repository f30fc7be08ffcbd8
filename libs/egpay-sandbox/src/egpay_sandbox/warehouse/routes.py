"""Warehouse routes: signed orders in, and their state as JSON."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from egpay_sandbox.request_values import SandboxRequest, body_as, sandbox_of
from egpay_sandbox.warehouse.orders import MessageKind, OrderMessage, WarehouseOrder
from egpay_sandbox.warehouse.signing import verify_signature


class OrderRefusalPlan(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Plan to answer the next `times` orders, or messages of one `type`, with a `status` of 400 to 599."""

    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 503
    times: Annotated[int, msgspec.Meta(ge=0)] = 1
    type: MessageKind | None = None


class _MessageHead(msgspec.Struct):
    type: str


@post("/warehouse/orders", status_code=200)
async def receive_order(request: SandboxRequest) -> Response[dict[str, Any]]:
    """Verifies and takes a Standard Webhooks message: 401 on a bad signature, 422 on an unreadable body."""
    sandbox = sandbox_of(request)
    body = await request.body()
    refusal_status = sandbox.warehouse.next_refusal(_kind(body))
    if refusal_status is not None:
        return Response({"error": "refused, as told"}, status_code=refusal_status)
    webhook_id = verify_signature(sandbox.config.warehouse_secret, body, request.headers)
    if webhook_id is None:
        return Response({"error": "bad signature"}, status_code=401)
    try:
        message = msgspec.json.decode(body, type=OrderMessage)
    except msgspec.DecodeError as error:
        return Response({"error": str(error)}, status_code=422)
    duplicate = not sandbox.warehouse.receive(webhook_id, message)
    order = sandbox.warehouse.orders[message.data.sale_id]
    answer = {"received": True, "duplicate": duplicate, "status": order.status, "revision": order.revision}
    return Response(answer)


@get("/warehouse/api/orders")
async def orders(request: SandboxRequest) -> list[dict[str, Any]]:
    """Lists orders newest first, with the number of distinct requests for each sale."""
    return [_payload(order) for order in sandbox_of(request).warehouse.orders.newest_first()]


@post("/sandbox/warehouse/refuse", status_code=200)
async def refuse_orders(request: SandboxRequest) -> dict[str, Any]:
    """Refuses the next orders."""
    plan = await body_as(request, OrderRefusalPlan)
    sandbox_of(request).warehouse.refuse_next(plan.status, plan.times, plan.type)
    return msgspec.structs.asdict(plan)


def _kind(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_MessageHead).type
    except msgspec.DecodeError:
        return ""


def _payload(order: WarehouseOrder) -> dict[str, Any]:
    payload = msgspec.to_builtins(order)
    return {"sale_id": payload.pop("id"), **payload, "tracking_number": order.tracking_number}


HANDLERS = [receive_order, orders, refuse_orders]

"""Warehouse actions: what becomes of an order's parcel."""

from typing import Any

from egpay_sandbox.control.action_params import ActionParams
from egpay_sandbox.control.control_action import ActionTable, ControlAction
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.warehouse.orders import WarehouseOrder


def _ship(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return _order(sandbox.warehouse.ship(row_id))


def _deliver(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return _order(sandbox.warehouse.finish(row_id, "delivered"))


def _fail(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return _order(sandbox.warehouse.finish(row_id, "failed"))


def _order(order: WarehouseOrder) -> dict[str, Any]:
    return {"sale_id": order.id, "status": order.status, "tracking_number": order.tracking_number}


ACTIONS: ActionTable = {
    ("orders", "ship"): ControlAction(ActionParams, _ship),
    ("orders", "deliver"): ControlAction(ActionParams, _deliver),
    ("orders", "fail"): ControlAction(ActionParams, _fail),
}

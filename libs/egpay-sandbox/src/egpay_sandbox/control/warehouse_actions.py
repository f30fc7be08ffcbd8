"""Warehouse actions: what becomes of an order's parcels."""

from typing import Any

from egpay_sandbox.control.action_params import ActionParams
from egpay_sandbox.control.control_action import ActionTable, ControlAction
from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.warehouse.orders import WarehouseOrder


class ParcelParams(ActionParams, frozen=True, kw_only=True):
    """The warehouse's number of a parcel and its tracking; what is left out is made up."""

    parcel: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None


def _ship(sandbox: Sandbox, row_id: str, params: ParcelParams) -> dict[str, Any]:
    return _order(
        sandbox.warehouse.parcels.ship(
            row_id,
            number=params.parcel,
            carrier=params.carrier,
            tracking_number=params.tracking_number,
        )
    )


def _track(sandbox: Sandbox, row_id: str, params: ParcelParams) -> dict[str, Any]:
    return _order(
        sandbox.warehouse.parcels.correct(
            row_id,
            number=params.parcel,
            carrier=params.carrier,
            tracking_number=params.tracking_number,
        )
    )


def _deliver(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return _order(sandbox.warehouse.parcels.finish(row_id, "delivered"))


def _fail(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return _order(sandbox.warehouse.parcels.finish(row_id, "failed"))


def _return(sandbox: Sandbox, row_id: str, _: ActionParams) -> dict[str, Any]:
    return _order(sandbox.warehouse.parcels.give_back(row_id))


def _order(order: WarehouseOrder) -> dict[str, Any]:
    return {"sale_id": order.id, "status": order.status, "tracking_number": order.tracking_number}


ACTIONS: ActionTable = {
    ("orders", "ship"): ControlAction(ParcelParams, _ship),
    ("orders", "track"): ControlAction(ParcelParams, _track),
    ("orders", "deliver"): ControlAction(ActionParams, _deliver),
    ("orders", "fail"): ControlAction(ActionParams, _fail),
    ("orders", "return"): ControlAction(ActionParams, _return),
}

"""Warehouse pages: the orders, and the tracking of a parcel."""

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from egpay_sandbox.pages.object_owners import OwnerIndex
from egpay_sandbox.pages.page_rendering import render_not_found, render_page
from egpay_sandbox.request_values import SandboxRequest, sandbox_of


@get("/warehouse")
async def warehouse(request: SandboxRequest, said: FromQuery[str] = "") -> Response[str]:
    """Lists all orders, newest first, with buttons."""
    sandbox = sandbox_of(request)
    return render_page(
        "warehouse.html",
        here="/warehouse",
        orders=sandbox.warehouse.orders.newest_first(),
        owners=OwnerIndex(sandbox.account),
        said=said,
    )


@get("/warehouse/track/{number:str}")
async def track(request: SandboxRequest, number: FromPath[str]) -> Response[str]:
    """Shows where the parcel is."""
    for order in sandbox_of(request).warehouse.orders:
        if number in [parcel.tracking_number for parcel in order.parcels]:
            return render_page("track.html", number=number, order=order)
    return render_not_found("There is no such parcel.")


HANDLERS = [warehouse, track]

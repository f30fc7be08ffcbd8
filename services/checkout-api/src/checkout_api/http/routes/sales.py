"""Sale routes: report a purchase to the page that its buyer returns to, and continue one that is not paid."""

from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from checkout_api.http.request_limits import ClientRateLimiter
from checkout_api.http.routes import billing_portal
from checkout_api.http.routes.leading import lead_to
from checkout_api.http.routes.refusal_page import to_person
from checkout_api.usecases.continue_checkout import ContinueCheckout
from checkout_api.usecases.errors import AlreadySubscribed
from checkout_api.usecases.sale_documents import FindDocument
from checkout_api.usecases.sale_state import SaleState
from checkout_api.usecases.sale_status import SaleStatusOf, sale_id_in

LONGEST_WAIT = 30
"""Seconds that a request may wait for a change; proxies and load balancers cut off what waits for a minute."""

_PRIVATE = {"cache-control": "no-store"}


@get("/v1/sales/{sale_id:str}")
async def sale(
    sale_id: FromPath[str],
    sale_status: NamedDependency[SaleStatusOf],
    wait: FromQuery[int] = 0,
    since: FromQuery[int | None] = None,
) -> Response[SaleState]:
    """Report the status of a sale, once it is another than `since`; no cache may store it."""
    seconds = max(0, min(wait, LONGEST_WAIT))
    return Response(await sale_status(sale_id, since=since, seconds=seconds), headers=_PRIVATE)


@get("/v1/sales/{sale_id:str}/documents/{kind:str}", exception_handlers={Exception: to_person})
async def sale_document(
    request: Request[Any, Any, State],
    sale_id: FromPath[str],
    kind: FromPath[str],
    find_document: NamedDependency[FindDocument],
    rate_limit: NamedDependency[ClientRateLimiter],
) -> Response[Any]:
    """Lead to a document of the sale, where the payment provider shows it now."""
    rate_limit.take(request.client.host if request.client else "")
    url = await find_document(sale_id_in(sale_id), kind)
    return lead_to(url, request)


@get("/v1/sales/{sale_id:str}/continue", exception_handlers={Exception: to_person})
async def continue_sale(
    request: Request[Any, Any, State],
    sale_id: FromPath[str],
    continue_checkout: NamedDependency[ContinueCheckout],
    rate_limit: NamedDependency[ClientRateLimiter],
    public_url: NamedDependency[str],
) -> Response[Any]:
    """Lead to the page where the same order can be paid, or to its status page when nothing is to be paid."""
    rate_limit.take(request.client.host if request.client else "")
    try:
        url = await continue_checkout(sale_id)
    except AlreadySubscribed as refusal:
        refusal.manage_url = f"{public_url}{billing_portal.PATH}"
        raise
    return lead_to(url, request)

"""Billing portal routes: take a request for a link, and open the portal by one."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from checkout_api.http.request_limits import ClientRateLimiter, read_json
from checkout_api.http.routes.leading import lead_to
from checkout_api.http.routes.refusal_page import to_person
from checkout_api.usecases.billing_portal import OpenBillingPortal, RequestPortalLink

PATH = "/v1/billing-portal/sessions"
LIMIT = 4 * 1024
"""Bytes of a request's body."""

_PRIVATE = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


class PortalLinkRequested(msgspec.Struct, frozen=True):
    """The one answer to every request, whether the e-mail is known or not."""

    detail: str = "If this e-mail has a subscription, a link to manage it is on its way."


@post(PATH)
async def request_portal_link(
    request: Request[Any, Any, State],
    request_link: NamedDependency[RequestPortalLink],
    portal_rate_limit: NamedDependency[ClientRateLimiter],
) -> Response[PortalLinkRequested]:
    """Take a request; the link is mailed by the worker, to the address on record."""
    portal_rate_limit.take(request.client.host if request.client else "")
    await request_link(await read_json(request.receive, request.headers, limit=LIMIT))
    return Response(PortalLinkRequested(), status_code=202, headers=_PRIVATE)


@get(PATH + "/{token:str}", exception_handlers={Exception: to_person})
async def open_billing_portal(
    request: Request[Any, Any, State],
    token: FromPath[str],
    open_portal: NamedDependency[OpenBillingPortal],
    portal_rate_limit: NamedDependency[ClientRateLimiter],
) -> Response[Any]:
    """Lead to a fresh session of the portal."""
    portal_rate_limit.take(request.client.host if request.client else "")
    return lead_to(await open_portal(token), request)

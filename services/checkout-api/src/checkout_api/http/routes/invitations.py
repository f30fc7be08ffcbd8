"""Invitation routes: let the admin of a new account in by the token of the introduction, or mail a new one."""

from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.di import NamedDependency

from checkout_api.http.request_limits import ClientRateLimiter, read_json
from checkout_api.usecases.invitations import EnteredUser, RedeemInvitation, RequestRenewal

LIMIT = 4 * 1024
"""Bytes of a request's body."""
_PRIVATE = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


class RenewalRequested(msgspec.Struct, frozen=True):
    """The one answer to every request, whether the token is known or not."""

    detail: str = "If this link was ours and its account is not entered yet, a new one is on its way."


@post("/v1/invitations/redeem")
async def redeem_invitation(
    request: Request[Any, Any, State],
    redeem: NamedDependency[RedeemInvitation],
    invitation_rate_limit: NamedDependency[ClientRateLimiter],
) -> Response[EnteredUser]:
    """Let the admin in, once. The token is in the body, because paths are logged on their way."""
    invitation_rate_limit.take(request.client.host if request.client else "")
    entered = await redeem(await read_json(request.receive, request.headers, limit=LIMIT))
    return Response(entered, status_code=200, headers=_PRIVATE)


@post("/v1/invitations/renew")
async def renew_invitation(
    request: Request[Any, Any, State],
    request_renewal: NamedDependency[RequestRenewal],
    invitation_rate_limit: NamedDependency[ClientRateLimiter],
) -> Response[RenewalRequested]:
    """Take a request; the e-mail goes to the address on record."""
    invitation_rate_limit.take(request.client.host if request.client else "")
    await request_renewal(await read_json(request.receive, request.headers, limit=LIMIT))
    return Response(RenewalRequested(), status_code=202, headers=_PRIVATE)

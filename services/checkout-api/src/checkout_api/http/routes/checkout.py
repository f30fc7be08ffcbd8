"""Checkout route: takes an order of a storefront and answers with the page to pay it on."""

import re
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State
from litestar.di import NamedDependency

from checkout_api.http.request_limits import ClientRateLimiter, read_json
from checkout_api.http.routes import billing_portal
from checkout_api.usecases.errors import AlreadySubscribed, FieldError, InvalidOrder
from checkout_api.usecases.start_checkout import StartCheckout
from egpay.domain.values import SaleId, SessionId

LIMIT = 64 * 1024
"""Bytes of an order's body."""

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


class CheckoutOpened(msgspec.Struct, frozen=True):
    """A sale, the page where it is paid (null when it is paid by invoice), and where to ask how it stands."""

    sale_id: SaleId
    checkout_session_id: SessionId | None
    checkout_url: str | None
    status_url: str


@post("/v1/checkout/sessions")
async def checkout_sessions(
    request: Request[Any, Any, State],
    start_checkout: NamedDependency[StartCheckout],
    rate_limit: NamedDependency[ClientRateLimiter],
    public_url: NamedDependency[str],
) -> Response[CheckoutOpened]:
    """Take an order. The buyer is to be sent to `checkout_url` as it is, its fragment included."""
    rate_limit.take(request.client.host if request.client else "")
    key = _idempotency_key(request)
    body = await read_json(request.receive, request.headers, limit=LIMIT)
    try:
        started = await start_checkout(body, key)
    except AlreadySubscribed as refusal:
        refusal.manage_url = f"{public_url}{billing_portal.PATH}"
        raise
    status_url = f"{public_url}/v1/sales/{started.sale_id}"
    opened = CheckoutOpened(started.sale_id, started.page.id, started.page.url, status_url)
    return Response(opened, status_code=201, headers={"location": status_url, "cache-control": "no-store"})


def _idempotency_key(request: Request[Any, Any, State]) -> str | None:
    keys = request.headers.getall("idempotency-key", [])
    if not keys:
        return None
    if len(keys) > 1 or not _KEY.fullmatch(keys[0]):
        raise InvalidOrder(
            [FieldError("Idempotency-Key", "must be 1 to 255 visible ASCII characters, given once")]
        )
    return keys[0]

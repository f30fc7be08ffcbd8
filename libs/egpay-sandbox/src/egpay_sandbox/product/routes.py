"""Product routes: signed news in, what it knows as JSON, and refusals for tests."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from egpay_sandbox.product.view import MalformedNews, ProductNews, ToldObject
from egpay_sandbox.request_values import SandboxRequest, body_as, sandbox_of
from egpay_sandbox.warehouse.signing import verify_signature


class NewsRefusalPlan(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Plan to answer the next `times` messages with a `status` of 300 to 599."""

    status: Annotated[int, msgspec.Meta(ge=300, le=599)] = 503
    times: Annotated[int, msgspec.Meta(ge=0)] = 1


@post("/product/webhooks", status_code=200)
async def receive_news(request: SandboxRequest) -> Response[dict[str, Any]]:
    """Verifies and takes a Standard Webhooks message: 401 on a bad signature, 422 on an unreadable body."""
    sandbox = sandbox_of(request)
    body = await request.body()
    refusal_status = sandbox.product.next_refusal()
    if refusal_status is not None:
        return Response({"error": "refused, as told"}, status_code=refusal_status)
    if verify_signature(sandbox.config.app_secret, body, request.headers) is None:
        return Response({"error": "bad signature"}, status_code=401)
    try:
        new = sandbox.product.receive(msgspec.json.decode(body, type=ProductNews))
    except (msgspec.DecodeError, MalformedNews) as error:
        return Response({"error": str(error)}, status_code=422)
    return Response({"received": True, "new": new})


@get("/product/api/objects")
async def known_objects(request: SandboxRequest) -> list[ToldObject]:
    """Lists what the product knows, what it heard of last first."""
    return sorted(sandbox_of(request).product.objects, key=lambda one: one.at, reverse=True)


@post("/sandbox/product/refuse", status_code=200)
async def refuse_news(request: SandboxRequest) -> dict[str, Any]:
    """Refuses the next messages."""
    plan = await body_as(request, NewsRefusalPlan)
    sandbox_of(request).product.refuse_next(plan.status, plan.times)
    return msgspec.structs.asdict(plan)


HANDLERS = [receive_news, known_objects, refuse_news]

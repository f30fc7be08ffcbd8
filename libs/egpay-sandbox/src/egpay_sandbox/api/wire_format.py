"""From the wire and back to it: requests taken apart, answers in Stripe's error shape and headers."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request, Response

from egpay_sandbox.api.outage import OutagePlan
from egpay_sandbox.ids import new_id
from egpay_sandbox.rendering.versions import NEWEST
from egpay_sandbox.stripe.api_errors import StripeApiError


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request, taken apart."""

    method: str
    path: str
    pairs: list[tuple[str, str]]
    authorization: str
    key: str | None
    version: str
    request_id: str


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """What goes back."""

    status: int
    body: bytes
    replayed: bool = False


async def taken_apart(request: Request[Any, Any, Any]) -> ApiRequest:
    """The request as the door wants it; bytes that are no text become visible nonsense."""
    body = (await request.body()).decode(errors="replace")
    query = request.url.query
    return ApiRequest(
        method=request.method,
        path=request.url.path,
        pairs=parse_qsl(query, keep_blank_values=True) + parse_qsl(body, keep_blank_values=True),
        authorization=request.headers.get("authorization", ""),
        key=request.headers.get("idempotency-key"),
        version=request.headers.get("stripe-version", NEWEST),
        request_id=new_id("req"),
    )


async def outage_answer(plan: OutagePlan, asked: ApiRequest) -> Response[bytes]:
    """What a caller gets while Stripe is down: a status, or a long silence and then 503."""
    if plan.answer == "hang":
        await asyncio.sleep(plan.hang_seconds)
    status = 503 if plan.answer == "hang" else plan.answer
    kind, code = ("invalid_request_error", "rate_limit") if status == 429 else ("api_error", None)
    refused = StripeApiError(
        "egpay-sandbox is having an outage, as told.", status=status, kind=kind, code=code
    )
    return response(ApiResponse(status, refusal(refused, asked)), asked)


def refusal(refused: StripeApiError, asked: ApiRequest) -> bytes:
    """The body of an error (docs.stripe.com/api/errors)."""
    error: dict[str, Any] = {"message": refused.message, "type": refused.kind}
    if refused.code is not None:
        error["code"] = refused.code
        error["doc_url"] = f"https://docs.stripe.com/error-codes/{refused.code.replace('_', '-')}"
    if refused.param is not None:
        error["param"] = refused.param
    error["request_log_url"] = f"https://dashboard.stripe.com/test/workbench/logs?object={asked.request_id}"
    return as_json({"error": error})


def as_json(value: dict[str, Any]) -> bytes:
    """Pretty-printed, as Stripe sends it."""
    return json.dumps(value, indent=2, ensure_ascii=False).encode()


def response(answer: ApiResponse, asked: ApiRequest) -> Response[bytes]:
    """The answer with Stripe's headers."""
    headers = {"Request-Id": asked.request_id, "Stripe-Version": asked.version}
    if asked.key is not None:
        headers["Idempotency-Key"] = asked.key
    if answer.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(answer.body, status_code=answer.status, media_type="application/json", headers=headers)

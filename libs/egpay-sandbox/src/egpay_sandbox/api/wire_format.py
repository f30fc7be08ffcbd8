"""Wire format: parses HTTP requests and writes responses with Stripe's error shape and headers."""

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
    """A parsed HTTP request."""

    method: str
    path: str
    pairs: list[tuple[str, str]]
    authorization: str
    key: str | None
    version: str
    request_id: str


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """A response before it gets Stripe's headers."""

    status: int
    body: bytes
    replayed: bool = False


async def parse_request(request: Request[Any, Any, Any]) -> ApiRequest:
    """Parses a request; replaces bytes that are no text, so that they stay visible."""
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


async def outage_response(plan: OutagePlan, api_request: ApiRequest) -> Response[bytes]:
    """Answers a call during an outage: with a status, or with a long silence and then 503."""
    if plan.answer == "hang":
        await asyncio.sleep(plan.hang_seconds)
    status = 503 if plan.answer == "hang" else plan.answer
    kind, code = ("invalid_request_error", "rate_limit") if status == 429 else ("api_error", None)
    api_error = StripeApiError(
        "egpay-sandbox is having an outage, as told.", status=status, kind=kind, code=code
    )
    return http_response(ApiResponse(status, error_body(api_error, api_request)), api_request)


def error_body(api_error: StripeApiError, api_request: ApiRequest) -> bytes:
    """Writes the body of an error (docs.stripe.com/api/errors)."""
    error: dict[str, Any] = {"message": api_error.message, "type": api_error.kind}
    if api_error.code is not None:
        error["code"] = api_error.code
        error["doc_url"] = f"https://docs.stripe.com/error-codes/{api_error.code.replace('_', '-')}"
    if api_error.param is not None:
        error["param"] = api_error.param
    error["request_log_url"] = (
        f"https://dashboard.stripe.com/test/workbench/logs?object={api_request.request_id}"
    )
    return to_json({"error": error})


def to_json(value: dict[str, Any]) -> bytes:
    """Writes JSON pretty-printed, as Stripe sends it."""
    return json.dumps(value, indent=2, ensure_ascii=False).encode()


def http_response(api_response: ApiResponse, api_request: ApiRequest) -> Response[bytes]:
    """Adds Stripe's headers to a response."""
    headers = {"Request-Id": api_request.request_id, "Stripe-Version": api_request.version}
    if api_request.key is not None:
        headers["Idempotency-Key"] = api_request.key
    if api_response.replayed:
        headers["Idempotent-Replayed"] = "true"
    return Response(
        api_response.body, status_code=api_response.status, media_type="application/json", headers=headers
    )

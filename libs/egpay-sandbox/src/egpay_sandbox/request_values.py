"""Request values: give a route its sandbox and its body as a validated value."""

from typing import Any, TypeVar

import msgspec
from litestar import Request, Response
from litestar.datastructures import State

from egpay_sandbox.sandbox import Sandbox
from egpay_sandbox.stripe.api_errors import StripeApiError

B = TypeVar("B", bound=msgspec.Struct)

SandboxRequest = Request[Any, Any, State]


def sandbox_of(request: SandboxRequest) -> Sandbox:
    """Returns the sandbox behind this application."""
    sandbox = request.app.state["sandbox"]
    if not isinstance(sandbox, Sandbox):
        raise TypeError("the application was not built by egpay_sandbox.app.build")
    return sandbox


async def body_as(request: SandboxRequest, kind: type[B]) -> B:
    """Parses the JSON body; an empty one means all defaults, a wrong one is refused with 400."""
    raw = await request.body()
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except msgspec.DecodeError as error:
        raise StripeApiError(str(error)) from None


def api_error_response(_: SandboxRequest, error: StripeApiError) -> Response[dict[str, Any]]:
    """Answers a refusal outside /v1, in plain JSON."""
    return Response({"error": {"message": error.message, "param": error.param}}, status_code=error.status)

"""What every route needs of a request: the world behind it, and its body as a checked value."""

from typing import Any, TypeVar

import msgspec
from litestar import Request, Response
from litestar.datastructures import State

from egpay_sandbox.sandbox import World
from egpay_sandbox.stripe.api_errors import Refused

B = TypeVar("B", bound=msgspec.Struct)

Asking = Request[Any, Any, State]


def world_of(request: Asking) -> World:
    """The world this application stands for."""
    world = request.app.state["world"]
    if not isinstance(world, World):
        raise TypeError("the application was not built by egpay_sandbox.app.build")
    return world


async def body_as(request: Asking, kind: type[B]) -> B:
    """The JSON body as a value; an empty one means all defaults, a wrong one is refused with 400."""
    raw = await request.body()
    try:
        return msgspec.json.decode(raw or b"{}", type=kind)
    except msgspec.DecodeError as error:
        raise Refused(str(error)) from None


def refused(_: Asking, error: Refused) -> Response[dict[str, Any]]:
    """A refusal outside /v1, in plain JSON."""
    return Response({"error": {"message": error.message, "param": error.param}}, status_code=error.status)

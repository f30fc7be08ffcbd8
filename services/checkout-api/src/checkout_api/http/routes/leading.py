"""Leading on: a browser is redirected, and a program that takes JSON is told the address."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import MediaType, Request, Response
from litestar.datastructures import State

PRIVATE = {"cache-control": "no-store", "referrer-policy": "no-referrer", "vary": "accept"}


class Destination(msgspec.Struct, frozen=True):
    """Where to go: the answer to a program, which cannot read where a redirect leads to across origins."""

    url: str


def lead_to(
    url: str, request: Request[Any, Any, State], headers: Mapping[str, str] = PRIVATE
) -> Response[Any]:
    """Redirect to the address (303), or name it to a caller that takes JSON and not HTML."""
    accepted = request.headers.get("accept", "")
    if "application/json" in accepted and "text/html" not in accepted:
        return Response(Destination(url), headers=headers)
    return Response("", status_code=303, media_type=MediaType.TEXT, headers={**headers, "location": url})

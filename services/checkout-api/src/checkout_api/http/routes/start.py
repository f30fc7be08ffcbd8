"""Start route: the storefront to a browser where there is one, and to a program what this API is."""

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency

from checkout_api.http.caching import revalidated
from checkout_api.http.static_site import SiteFile, serve

_encode = msgspec.json.Encoder().encode


class ApiEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What this API is, with the addresses that lead on from here."""

    name: str
    version: str
    documentation: str
    openapi: str
    products: str
    countries: str


@get("/", sync_to_thread=False)
def start(
    request: Request[Any, Any, State],
    entry: NamedDependency[ApiEntry],
    start_page: NamedDependency[SiteFile | None],
) -> Response[bytes]:
    """Serve the start page to who takes HTML, the entry of the API to any other."""
    if start_page is not None and "text/html" in request.headers.get("accept", ""):
        answer = serve(request.headers, start_page)
    else:
        answer = revalidated(request.headers, _encode(entry), caching="no-cache")
    answer.headers["vary"] = "accept"
    return answer


def entry_of(public_url: str, version: str) -> ApiEntry:
    """The entry of an API that the outside reaches at this address."""
    return ApiEntry(
        name="egpay checkout",
        version=version,
        documentation=f"{public_url}/docs",
        openapi=f"{public_url}/openapi.json",
        products=f"{public_url}/v1/products",
        countries=f"{public_url}/v1/countries",
    )

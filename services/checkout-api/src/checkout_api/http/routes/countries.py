"""Country routes: where devices are sent to, and what a form asks of an address there."""

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from checkout_api.http.caching import revalidated
from checkout_api.usecases.address_fields import Countries

CACHING = "public, max-age=3600"
"""They change with a setting or a release, and a form that is an hour old is still checked by the order."""

_VARY = {"vary": "origin"}
"""What a shared cache keeps of a request without an origin has no leave for a storefront's (fetch.spec.whatwg.org)."""

_encode = msgspec.json.Encoder().encode


@get("/v1/countries")
async def countries(
    request: Request[Any, Any, State], countries: NamedDependency[Countries]
) -> Response[bytes]:
    """List the countries that devices are sent to."""
    return revalidated(request.headers, _encode(countries.all()), caching=CACHING, headers=_VARY)


@get("/v1/countries/{code:str}")
async def country(
    request: Request[Any, Any, State], code: FromPath[str], countries: NamedDependency[Countries]
) -> Response[bytes]:
    """Describe the form of an address in one country."""
    return revalidated(request.headers, _encode(countries.form(code)), caching=CACHING, headers=_VARY)

"""Organisation routes: for the product's own programs, which show an API key."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath

from checkout_api.http.caching import revalidated
from checkout_api.http.request_errors import Unauthorized
from checkout_api.usecases.organisation_access import OrganisationAccess
from egpay.domain.api_key import ApiKeys

_encode = msgspec.json.Encoder().encode


@get("/v1/organisations/{organisation_id:str}/access")
async def organisation_access(
    request: Request[Any, Any, State],
    organisation_id: FromPath[str],
    access_of: NamedDependency[OrganisationAccess],
    api_keys: NamedDependency[ApiKeys],
) -> Response[bytes]:
    """Tell what an organisation may use; 304 to a caller that has it already. Nothing is told without a key."""
    require_key(request.headers, api_keys)
    body = _encode(await access_of(organisation_id))
    return revalidated(request.headers, body, caching="private, no-cache", headers={"vary": "authorization"})


def require_key(headers: Mapping[str, str], api_keys: ApiKeys) -> None:
    """Raise Unauthorized unless the call has an API key of ours as its bearer token (RFC 6750)."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not api_keys.accepts(key.strip()):
        raise Unauthorized("this needs an API key: Authorization: Bearer egk_...")

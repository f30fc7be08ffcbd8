"""Stripe is told where to report, what we listen to, and in which API version: nobody clicks that together by hand.

An endpoint renders every event in its own API version, fixed when it is created (docs.stripe.com/webhooks/versioning).
"""

import uuid

import msgspec

from egpay.adapters.stripe.inbound.translation import TRANSLATIONS
from egpay.adapters.stripe.outbound.client import connect
from egpay.domain.errors import Defect

API_VERSION = "2026-10-28.endive"
"""The newest version whose shapes our translation was written for."""


class _Endpoint(msgspec.Struct, frozen=True):
    id: str
    url: str
    enabled_events: list[str]
    api_version: str | None = None
    secret: str | None = None


class _Endpoints(msgspec.Struct, frozen=True):
    data: list[_Endpoint]


async def apply_endpoint(url: str, *, secret_key: str, api_base: str | None = None) -> str:
    """Create the endpoint for `url`, or bring its list of events up to date; return a sentence on what was done.

    The sentence holds the signing secret of a new endpoint: Stripe shows it this once. An endpoint with another API
    version stays as it is, for a version cannot be changed: create a second one and delete the first when it is quiet.
    """
    api = connect(secret_key, api_base=api_base)
    wanted = sorted(TRANSLATIONS)
    try:
        answer = await api.get("/v1/webhook_endpoints", {"limit": 100})
        known = msgspec.json.decode(answer, type=_Endpoints).data if answer else []
        found = next((endpoint for endpoint in known if endpoint.url == url), None)
        key = f"webhook-endpoint:{uuid.uuid4().hex}"
        if found is None:
            params = {"url": url, "enabled_events": wanted, "api_version": API_VERSION}
            created = msgspec.json.decode(
                await api.post("/v1/webhook_endpoints", params, idempotency_key=key), type=_Endpoint
            )
            return f"created {created.id} ({API_VERSION}); signing secret, shown once: {created.secret}"
        if found.api_version not in (None, API_VERSION):
            raise Defect(f"{found.id} reports in {found.api_version}, not {API_VERSION}; create a second one")
        if sorted(found.enabled_events) == wanted:
            return f"{found.id} is as it should be"
        await api.post(f"/v1/webhook_endpoints/{found.id}", {"enabled_events": wanted}, idempotency_key=key)
        return f"{found.id} now reports {len(wanted)} types of events"
    finally:
        await api.aclose()

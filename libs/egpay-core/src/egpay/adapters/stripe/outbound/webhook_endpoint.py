"""Webhook endpoint registration: creates it at Stripe with URL, event types and API version.

An endpoint renders every event in its own API version, fixed when it is created
(docs.stripe.com/webhooks/versioning).
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec
import stripe

from egpay.adapters.stripe.inbound.translation import TRANSLATIONS
from egpay.adapters.stripe.outbound.client import StripeApi, connect, path_id, read
from egpay.domain.errors import Defect, Outage
from egpay.ports.clock import Clock

API_VERSION = "2026-10-28.endive"
"""The newest API version that our translation was written for."""

HARMFUL = "invoice.created"
"""Stripe waits up to three days for its acknowledgement before it finalizes the invoice."""

ENDPOINTS = "/v1/webhook_endpoints"


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """docs.stripe.com/api/webhook_endpoints/object, what matters to us."""

    id: str
    url: str
    enabled_events: list[str]
    api_version: str | None = None
    status: str = "enabled"
    secret: str | None = None

    def faults(self) -> list[str]:
        """Why we might not hear, or not understand; one sentence each."""
        faults = [f"{self.id} is {self.status} at Stripe"] if self.status != "enabled" else []
        unheard = set() if "*" in self.enabled_events else set(TRANSLATIONS) - set(self.enabled_events)
        if unheard:
            faults.append(f"{self.id} does not report {', '.join(sorted(unheard))}")
        if HARMFUL in self.enabled_events:
            faults.append(f"{self.id} reports {HARMFUL}: no invoice is finalized while we are away")
        if self.api_version not in (None, API_VERSION):
            faults.append(f"{self.id} reports in {self.api_version}, we have read {API_VERSION}")
        return faults

    def mended_events(self) -> list[str]:
        """Its event types with those that it lacks, without the harmful one; others stay."""
        if "*" in self.enabled_events:
            return self.enabled_events
        return sorted({*self.enabled_events, *TRANSLATIONS} - {HARMFUL})


class _Endpoints(msgspec.Struct, frozen=True):
    data: list[Endpoint]


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """What Stripe said; `skew` is how far our clock is ahead of Stripe's, None when it did not say the time."""

    endpoints: Sequence[Endpoint]
    skew: timedelta | None


async def apply_endpoint(url: str, *, secret_key: str, api_base: str | None = None) -> str:
    """Create the endpoint for `url`, or add the event types it lacks; return a sentence on what was done.

    The sentence holds the signing secret of a new endpoint: Stripe shows it this once. An endpoint with
    another API version stays as it is, because a version cannot be changed: create a second one and delete
    the first when it is quiet.
    """
    api = connect(secret_key, api_base=api_base)
    try:
        answer = await api.get(ENDPOINTS, {"limit": 100})
        known = msgspec.json.decode(answer, type=_Endpoints).data if answer else []
        found = next((endpoint for endpoint in known if endpoint.url == url), None)
        key = f"webhook-endpoint:{uuid.uuid4().hex}"
        if found is None:
            params = {"url": url, "enabled_events": sorted(TRANSLATIONS), "api_version": API_VERSION}
            created = msgspec.json.decode(
                await api.post(ENDPOINTS, params, idempotency_key=key), type=Endpoint
            )
            return f"created {created.id} ({API_VERSION}); signing secret, shown once: {created.secret}"
        if found.api_version not in (None, API_VERSION):
            raise Defect(f"{found.id} reports in {found.api_version}, not {API_VERSION}; create a second one")
        wanted = found.mended_events()
        if set(found.enabled_events) == set(wanted):
            return f"{found.id} is as it should be"
        await api.post(
            f"{ENDPOINTS}/{path_id(found.id, 'webhook endpoint')}",
            {"enabled_events": wanted},
            idempotency_key=key,
        )
        return f"{found.id} now reports {len(wanted)} types of events"
    finally:
        await api.aclose()


async def examine(*, secret_key: str, clock: Clock, api_base: str | None = None) -> Examined:
    """Ask Stripe with our key. Raises Outage when Stripe does not answer or refuses the key."""
    api = connect(secret_key, api_base=api_base)
    try:
        answer = await api.get(ENDPOINTS, {"limit": 100})
        known = read(answer, _Endpoints).data if answer else []
        return Examined(endpoints=known, skew=await _skew(api, clock))
    finally:
        await api.aclose()


async def _skew(api: StripeApi, clock: Clock) -> timedelta | None:
    """By the Date header (RFC 9110, 6.6.1), which has whole seconds."""
    try:
        answer = await api.client.raw_request_async("get", ENDPOINTS, limit=1)
    except stripe.StripeError as fault:
        raise Outage(f"Stripe: {type(fault).__name__}") from None
    said: str = answer.headers.get("date", "")
    now = clock().replace(microsecond=0)
    try:
        theirs: datetime = parsedate_to_datetime(said)
    except ValueError:
        return None
    return now - theirs

"""Stripe check: reachable with our key, webhook endpoint as needed, and no clock skew."""

from collections.abc import Sequence
from datetime import timedelta

from egpay.adapters.system.clock import utc_now
from egpay_cli.doctor.finding import Sign, listed, note, ok, wrong
from egpay_cli.settings import DoctorSettings

TOLERABLE = timedelta(seconds=5)
INTOLERABLE = timedelta(seconds=60)
"""Webhooks whose signature is 300 s off are refused (docs.stripe.com/webhooks#verify-manually)."""


async def look_at_stripe(settings: DoctorSettings) -> Sequence[Sign]:
    """Check key, endpoint and clock. Raises Outage without an answer, or when the key is refused."""
    if settings.stripe_secret_key is None:
        return []
    from egpay.adapters.stripe.inbound.webhooks import is_live
    from egpay.adapters.stripe.outbound.webhook_endpoint import examine

    key = settings.stripe_secret_key.reveal()
    examined = await examine(secret_key=key, clock=utc_now, api_base=settings.stripe_api_base)
    ours = f"{settings.public_url.rstrip('/')}/webhooks/stripe" if settings.public_url else None
    endpoints = [each for each in examined.endpoints if ours in (None, each.url)]
    faults = [fault for each in endpoints for fault in each.faults()]
    if not endpoints:
        where = f" for {ours}" if ours else ""
        faults = [f"Stripe has no endpoint{where}; `egpay stripe webhook-endpoint apply` makes it"]
    return [
        ok("stripe", f"answers, in {'live' if is_live(key) else 'test'} mode"),
        *listed("webhook endpoint", faults, otherwise=f"{len(endpoints)} as it should be"),
        *_clock(examined.skew),
    ]


def _clock(skew: timedelta | None) -> Sequence[Sign]:
    if skew is None:
        return [note("clock", "Stripe did not say what time it is")]
    words = f"{skew.total_seconds():+.0f} s against Stripe's"
    if abs(skew) > INTOLERABLE:
        return [wrong("clock", words)]
    return [note("clock", words) if abs(skew) > TOLERABLE else ok("clock", words)]

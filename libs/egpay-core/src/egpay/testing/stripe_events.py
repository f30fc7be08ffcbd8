"""Stripe webhook builders: the bytes of an event, and a valid signature."""

import hmac
import json
from datetime import datetime
from typing import Any

from egpay.testing.stripe_objects import Generation

SECRET = "whsec_testtesttesttesttesttesttest"  # noqa: S105 - opens nothing
CREATED = 1_795_000_000


def event(
    kind: str,
    content: dict[str, Any],
    *,
    event_id: str = "evt_one",
    created: int = CREATED,
    livemode: bool = False,
    generation: Generation = Generation.ENDIVE,
) -> bytes:
    """The body of a webhook, indented as Stripe sends it."""
    envelope = {
        "id": event_id,
        "object": "event",
        "api_version": generation.value,
        "created": created,
        "data": {"object": content},
        "livemode": livemode,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
    return json.dumps(envelope, indent=2).encode()


def signature(body: bytes, *, at: datetime, secret: str = SECRET) -> str:
    """The `Stripe-Signature` header, with the `v0` that is to be ignored.

    docs.stripe.com/webhooks#verify-manually"""
    timestamp = str(int(at.timestamp()))
    proof = hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha256").hex()
    return f"t={timestamp},v1={proof},v0={'0' * 64}"

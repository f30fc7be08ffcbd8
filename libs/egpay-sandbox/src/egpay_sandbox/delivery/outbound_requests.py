"""Outbound requests: an address, headers, and a body that is signed again for every attempt."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from egpay_sandbox.delivery.delivery_log import WebhookDelivery


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """One POST, ready to send."""

    url: str
    headers: dict[str, str]
    body: bytes


class RequestBuilder(Protocol):
    """Builds the request of a delivery, or None when its receiver is gone."""

    def __call__(self, delivery: WebhookDelivery, *, bad_signature: bool) -> OutboundRequest | None:
        """Builds it; with `bad_signature` the signature is wrong."""
        ...


def stripe_signature(body: bytes, secrets: Sequence[str], timestamp: int) -> str:
    """`Stripe-Signature` header: a v1 per secret over `timestamp.body`, and the fake v0 of test events.

    docs.stripe.com/webhooks#verify-manually
    """
    signed = f"{timestamp}.".encode() + body
    signatures = [f"v1={_hmac(secret, signed)}" for secret in secrets]
    return ",".join([f"t={timestamp}", *signatures, f"v0={_hmac('v0', signed)}"])


def _hmac(secret: str, signed: bytes) -> str:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()

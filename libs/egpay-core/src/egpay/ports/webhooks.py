"""Webhook reader: verifies the signature of a webhook, then translates it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from egpay.domain.errors import Refusal
from egpay.ports.inbox import Receipt


class BadSignature(Refusal):
    """Bad signature: no shared secret signed the webhook, or its time stamp is too old; nothing is stored."""


class BadBody(Refusal):
    """Bad body: the signature is valid, but the body is not a webhook of this provider."""


class WebhookReader(Protocol):
    """Webhook reader: verifies and translates the webhooks of one provider."""

    def read(self, body: bytes, headers: Mapping[str, str], *, at: datetime) -> Receipt:
        """Verify the raw bytes and translate them.

        `headers` has its names in lower case, as in ASGI; `at` is now. Raises BadSignature and BadBody, and
        nothing else: what cannot be translated is parked.
        """
        ...

"""The door that providers knock at: what a webhook says is believed only once it is proven who said it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from egpay.domain.errors import Refusal
from egpay.ports.inbox import Receipt


class BadSignature(Refusal):
    """Nobody we share a secret with said this, or it was said too long ago. Nothing of it is kept."""


class BadBody(Refusal):
    """It was said by whom it claims, but it is not a webhook of theirs."""


class WebhookReader(Protocol):
    """One provider's webhooks."""

    def read(self, body: bytes, headers: Mapping[str, str], *, at: datetime) -> Receipt:
        """Verify the raw bytes and translate them. `headers` has its names in lower case, as ASGI gives them; `at`
        is now. Raises BadSignature and BadBody, and nothing else: what cannot be understood is parked."""
        ...

"""Stripe webhook reader: verifies a webhook, then translates it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from egpay.adapters.stripe.inbound.signature import verify
from egpay.adapters.stripe.inbound.translation import translate
from egpay.ports.inbox import Receipt


def is_live(secret_key: str) -> bool:
    """Whether an API key moves real money: `sk_live_` and the restricted `rk_live_` do.

    docs.stripe.com/keys"""
    return secret_key.startswith(("sk_live_", "rk_live_"))


@dataclass(frozen=True, slots=True)
class StripeWebhooks:
    """Port `WebhookReader` over Stripe.

    `secrets` are the endpoint's signing secrets as Stripe shows them (`whsec_...`), newest first; `live` is
    the mode of our own API key, and events of the other mode are ignored, as are those that bear the mark of another
    installation than `installation`, once that is known."""

    secrets: tuple[str, ...] = field(repr=False)
    live: bool
    installation: Callable[[], str | None] = lambda: None
    _keys: tuple[bytes, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Encode the keys once, not for each webhook."""
        object.__setattr__(self, "_keys", tuple(secret.encode() for secret in self.secrets))

    def read(self, body: bytes, headers: Mapping[str, str], *, at: datetime) -> Receipt:
        """Verify and translate a webhook; raises BadSignature or BadBody."""
        verify(body, headers.get("stripe-signature"), self._keys, now=at.timestamp())
        return translate(body, live=self.live, at=at, installation=self.installation())

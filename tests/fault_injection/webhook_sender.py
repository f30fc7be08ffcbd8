"""Webhooks as Stripe would send them, said by a test: an object in its envelope, signed, and posted."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
from egpay_system import EgpaySystem, until

from egpay.testing import stripe_objects
from egpay.testing.stripe_events import event, signature
from egpay.testing.stripe_objects import Generation


def name(prefix: str) -> str:
    """An id that nobody used before."""
    return f"{prefix}_{secrets.token_hex(8)}"


def signed(body: bytes, secret: str, *, at: float | None = None) -> dict[str, str]:
    """The headers that prove a body."""
    moment = datetime.fromtimestamp(time.time() if at is None else at, UTC)
    return {"stripe-signature": signature(body, at=moment, secret=secret), "content-type": "application/json"}


def post_webhook(
    egpay: EgpaySystem, body: bytes, headers: Mapping[str, str] | None = None, *, api: str = ""
) -> httpx.Response:
    """Post a webhook as it is, signed by the secret in use unless the headers say otherwise."""
    proof = signed(body, egpay.env["STRIPE_WEBHOOK_SECRETS"]) if headers is None else headers
    return egpay.browser.post(f"{api or egpay.api}/webhooks/stripe", content=body, headers=dict(proof))


def raw_event(kind: str, content: Mapping[str, Any], **envelope: Any) -> bytes:
    """The body of a webhook of this moment, under an id of its own unless told otherwise."""
    told = {"event_id": name("evt"), "created": int(time.time()), **envelope}
    return event(kind, dict(content), **told)


@dataclass(slots=True)
class StripeBuyer:
    """Somebody who ordered, and what Stripe calls the objects of that purchase."""

    sale_id: str
    email: str
    session: str
    subscription: str = field(default_factory=lambda: name("sub"))
    invoice: str = field(default_factory=lambda: name("in"))
    customer: str = field(default_factory=lambda: name("cus"))

    @classmethod
    def of(cls, egpay: EgpaySystem, **changes: Any) -> "StripeBuyer":
        """Place an order."""
        email = f"{name('buyer')}@harbour.example"
        told = egpay.order(email=email, **changes)
        return cls(told["sale_id"], email, told["checkout_session_id"])

    def completed(self, **fields: Any) -> bytes:
        """They finished Checkout and paid."""
        session = stripe_objects.session(
            Generation.ENDIVE,
            sale_id=self.sale_id,
            id=self.session,
            customer=self.customer,
            subscription=self.subscription,
            invoice=self.invoice,
            **fields,
        )
        return raw_event("checkout.session.completed", session)

    def subscribed(self, *, created: int | None = None, **fields: Any) -> bytes:
        """Their subscription changed; it is active unless told otherwise."""
        changed = stripe_objects.subscription(
            Generation.ENDIVE,
            sale_id=self.sale_id,
            **{"id": self.subscription, "customer": self.customer, **fields},
        )
        envelope = {} if created is None else {"created": created}
        return raw_event("customer.subscription.updated", changed, **envelope)

    def is_told(self, egpay: EgpaySystem, status: str) -> None:
        """Soon the storefront sees their subscription so."""

        def seen() -> bool:
            return (egpay.sale(self.sale_id)["subscription"] or {}).get("status") == status

        until(seen, what=f"the subscription of {self.sale_id} is not {status}")

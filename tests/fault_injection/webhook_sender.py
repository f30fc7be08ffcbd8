"""Webhook sender of tests: signs and posts an object in its envelope, as Stripe would send it."""

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
    """Generates an id that was never used before."""
    return f"{prefix}_{secrets.token_hex(8)}"


def signed(body: bytes, secret: str, *, at: float | None = None) -> dict[str, str]:
    """Builds the headers that prove a body."""
    moment = datetime.fromtimestamp(time.time() if at is None else at, UTC)
    return {"stripe-signature": signature(body, at=moment, secret=secret), "content-type": "application/json"}


def post_webhook(
    egpay: EgpaySystem, body: bytes, headers: Mapping[str, str] | None = None, *, api: str = ""
) -> httpx.Response:
    """Posts a webhook, signed by the secret in use unless the headers say otherwise."""
    proof = signed(body, egpay.env["STRIPE_WEBHOOK_SECRETS"]) if headers is None else headers
    return egpay.browser.post(f"{api or egpay.api}/webhooks/stripe", content=body, headers=dict(proof))


def raw_event(kind: str, content: Mapping[str, Any], **envelope: Any) -> bytes:
    """Builds the body of a webhook of this moment, under an id of its own unless the caller sets one."""
    told = {"event_id": name("evt"), "created": int(time.time()), **envelope}
    return event(kind, dict(content), **told)


@dataclass(slots=True)
class StripeBuyer:
    """A buyer with an order, and Stripe's ids of that purchase."""

    sale_id: str
    email: str
    session: str
    subscription: str = field(default_factory=lambda: name("sub"))
    invoice: str = field(default_factory=lambda: name("in"))
    customer: str = field(default_factory=lambda: name("cus"))

    @classmethod
    def of(cls, egpay: EgpaySystem, **changes: Any) -> "StripeBuyer":
        """Places an order."""
        email = f"{name('buyer')}@harbour.example"
        told = egpay.order(email=email, **changes)
        return cls(told["sale_id"], email, told["checkout_session_id"])

    def completed(self, **fields: Any) -> bytes:
        """Builds the webhook of a finished and paid Checkout."""
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
        """Builds the webhook of a changed subscription; it is active unless the caller says otherwise."""
        changed = stripe_objects.subscription(
            Generation.ENDIVE,
            sale_id=self.sale_id,
            **{"id": self.subscription, "customer": self.customer, **fields},
        )
        envelope = {} if created is None else {"created": created}
        return raw_event("customer.subscription.updated", changed, **envelope)

    def is_told(self, egpay: EgpaySystem, status: str) -> None:
        """Waits until the storefront shows their subscription in this status."""

        def seen() -> bool:
            return (egpay.sale(self.sale_id)["subscription"] or {}).get("status") == status

        until(seen, what=f"the subscription of {self.sale_id} is not {status}")

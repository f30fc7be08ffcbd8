"""Webhooks of a purchase as Stripe sends them, 4 to 7 KB each: the load must weigh what real events weigh.

The shapes are those of API version 2026-03-25.dahlia (docs.stripe.com/api); `@name@` is filled in per purchase.
"""

import json

from bench.payloads.invoice import invoice
from bench.payloads.session import session
from bench.payloads.shared import DAY, Json
from bench.payloads.subscription import subscription

VERSION = "2026-03-25.dahlia"
KINDS = ("checkout.session.completed", "customer.subscription.updated", "invoice.payment_succeeded")


def template(kind: str) -> str:
    """The whole event, indented as Stripe sends it, with places for the ids of a purchase."""
    content = {KINDS[0]: session, KINDS[1]: subscription, KINDS[2]: invoice}[kind]()
    data: Json = {"object": content}
    if kind == KINDS[1]:
        data["previous_attributes"] = {"status": "incomplete"}
    envelope = {
        "id": "@event@",
        "object": "event",
        "api_version": VERSION,
        "created": DAY,
        "data": data,
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
    return json.dumps(envelope, indent=2)

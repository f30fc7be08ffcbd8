"""Rendering of events: the object as it was then, with the previous values of what changed."""

from typing import Any

from egpay_sandbox.rendering.versions import NEWEST, render
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import Event


def render_event(
    account: SandboxAccount, event: Event, *, pending: int, version: str | None = None
) -> dict[str, Any]:
    """Renders an event (docs.stripe.com/api/events/object).

    `pending` is how many endpoints have not answered 2xx yet.
    """
    rendered = render(account, event.stored_object, version)
    data: dict[str, Any] = {"object": rendered}
    if event.before is not None:
        data["previous_attributes"] = difference(render(account, event.before, version), rendered)
    return {
        "id": event.id,
        "object": "event",
        "api_version": version or NEWEST,
        "created": event.created,
        "data": data,
        "livemode": False,
        "pending_webhooks": pending,
        "request": {"id": event.cause.request, "idempotency_key": event.cause.idempotency_key},
        "type": event.type,
    }


def difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Returns the old values of what changed; compares hashes key by key, lists as a whole."""
    changed: dict[str, Any] = {}
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        both = isinstance(old, dict) and isinstance(new, dict)
        changed[key] = difference(old, new) if both else old  # type: ignore[arg-type]
    return changed

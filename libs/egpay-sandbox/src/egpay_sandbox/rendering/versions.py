"""Renderers by API version: an older version is one more entry here."""

from typing import Any, Protocol

from egpay_sandbox.rendering import version_2026_10_28
from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import StoredObject, WebhookEndpoint

NEWEST = "2026-10-28.endive"


class Renderer(Protocol):
    """Renders an object as the JSON of one API version."""

    def __call__(
        self, account: SandboxAccount, stored_object: StoredObject | WebhookEndpoint
    ) -> dict[str, Any]:
        """Returns a fresh dict; `account` only resolves what never changes (prices, products)."""
        ...


RENDERERS: dict[str, Renderer] = {NEWEST: version_2026_10_28.render}


def render(
    account: SandboxAccount, stored_object: StoredObject | WebhookEndpoint, version: str | None = None
) -> dict[str, Any]:
    """Renders in the given version, or in the newest when the version is unknown."""
    return RENDERERS.get(version or NEWEST, version_2026_10_28.render)(account, stored_object)

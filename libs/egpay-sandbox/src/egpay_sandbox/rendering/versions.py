"""Which API versions the sandbox can speak; an older one is one more entry here."""

from typing import Any, Protocol

from egpay_sandbox.rendering import version_2026_10_28
from egpay_sandbox.stripe.account import Account
from egpay_sandbox.stripe.objects import Thing, WebhookEndpoint

NEWEST = "2026-10-28.endive"


class Rendering(Protocol):
    """Turns a value into the JSON object of one API version."""

    def __call__(self, account: Account, thing: Thing | WebhookEndpoint) -> dict[str, Any]:
        """The object as a fresh dict; `account` only resolves what never changes (prices, products)."""
        ...


RENDERINGS: dict[str, Rendering] = {NEWEST: version_2026_10_28.render}


def render(account: Account, thing: Thing | WebhookEndpoint, version: str | None = None) -> dict[str, Any]:
    """The value in that version, or in the newest when the version is unknown."""
    return RENDERINGS.get(version or NEWEST, version_2026_10_28.render)(account, thing)

"""Rendering of webhook endpoints; the secret appears once, in the answer to their creation."""

from typing import Any

from egpay_sandbox.stripe.account import SandboxAccount
from egpay_sandbox.stripe.objects import WebhookEndpoint


def render_endpoint(_: SandboxAccount, endpoint: WebhookEndpoint) -> dict[str, Any]:
    """Renders a webhook endpoint (docs.stripe.com/api/webhook_endpoints/object)."""
    return {
        "id": endpoint.id,
        "object": "webhook_endpoint",
        "api_version": endpoint.api_version,
        "application": None,
        "created": endpoint.created,
        "description": endpoint.description,
        "enabled_events": endpoint.enabled_events,
        "livemode": False,
        "metadata": endpoint.metadata,
        "status": "disabled" if endpoint.disabled else "enabled",
        "url": endpoint.url,
    }

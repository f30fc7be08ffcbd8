"""Webhook endpoints: where events go, their signing secrets, and how a secret is rolled."""

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount, get_or_404
from egpay_sandbox.stripe.api_errors import StripeApiError, invalid_parameter
from egpay_sandbox.stripe.metadata import merge_metadata
from egpay_sandbox.stripe.objects import SigningSecret, WebhookEndpoint
from egpay_sandbox.stripe.requests.events import EndpointCreate, EndpointUpdate

_MAX_ENDPOINTS = 16


def create_endpoint(
    account: SandboxAccount, params: EndpointCreate, secret: str | None = None
) -> WebhookEndpoint:
    """Creates an endpoint; at most 16 of them (docs.stripe.com/webhooks/go-live)."""
    if len(account.endpoints) >= _MAX_ENDPOINTS:
        raise StripeApiError(
            f"You have reached the maximum of {_MAX_ENDPOINTS} test webhook endpoints.", param="url"
        )
    _validate_url(params.url)
    return account.endpoints.store(
        WebhookEndpoint(
            id=new_id("we"),
            created=account.clock.now(),
            url=params.url,
            secrets=[SigningSecret(value=secret or new_id("whsec"))],
            enabled_events=params.enabled_events,
            api_version=params.api_version,
            description=params.description,
            metadata=merge_metadata({}, params.metadata),
        )
    )


def update_endpoint(account: SandboxAccount, params: EndpointUpdate, endpoint_id: str) -> WebhookEndpoint:
    """Updates an endpoint: another address, other events, on or off."""
    before = get_or_404(account.endpoints, endpoint_id)
    if params.url is not None:
        _validate_url(params.url)
    return account.endpoints.store(
        msgspec.structs.replace(
            before,
            url=params.url or before.url,
            enabled_events=params.enabled_events or before.enabled_events,
            description=before.description if params.description is None else params.description or None,
            disabled=before.disabled if params.disabled is None else params.disabled,
            metadata=merge_metadata(before.metadata, params.metadata),
        )
    )


def roll_secret(
    account: SandboxAccount, endpoint_id: str, *, keep_seconds: int, secret: str | None = None
) -> WebhookEndpoint:
    """Rolls the secret; the old ones sign along for `keep_seconds` (Stripe: up to 24 hours)."""
    before = get_or_404(account.endpoints, endpoint_id)
    until = account.clock.now() + keep_seconds
    old = [SigningSecret(value=s.value, until=min(until, s.until or until)) for s in before.secrets]
    new = SigningSecret(value=secret or new_id("whsec"))
    return account.endpoints.store(
        msgspec.structs.replace(before, secrets=[new, *(old if keep_seconds else [])])
    )


def active_secrets(account: SandboxAccount, endpoint: WebhookEndpoint) -> list[str]:
    """Lists the secrets that sign now, newest first."""
    now = account.clock.now()
    return [s.value for s in endpoint.secrets if s.until is None or s.until > now]


def _validate_url(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise invalid_parameter("Invalid URL: An explicit scheme (such as https) must be provided.", "url")

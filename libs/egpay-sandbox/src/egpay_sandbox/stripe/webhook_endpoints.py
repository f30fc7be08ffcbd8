"""Where Stripe tells what happened: endpoints, their secrets, and how a secret is rolled."""

import msgspec

from egpay_sandbox.ids import new_id
from egpay_sandbox.stripe.account import SandboxAccount, sought
from egpay_sandbox.stripe.api_errors import StripeApiError, invalid_parameter
from egpay_sandbox.stripe.metadata import merged
from egpay_sandbox.stripe.objects import SigningSecret, WebhookEndpoint
from egpay_sandbox.stripe.requests.events import EndpointCreate, EndpointUpdate

_MOST = 16


def create_endpoint(
    account: SandboxAccount, asked: EndpointCreate, secret: str | None = None
) -> WebhookEndpoint:
    """A new endpoint; at most 16 of them (docs.stripe.com/webhooks/go-live)."""
    if len(account.endpoints) >= _MOST:
        raise StripeApiError(f"You have reached the maximum of {_MOST} test webhook endpoints.", param="url")
    _check_url(asked.url)
    return account.endpoints.put(
        WebhookEndpoint(
            id=new_id("we"),
            created=account.clock.now(),
            url=asked.url,
            secrets=[SigningSecret(value=secret or new_id("whsec"))],
            enabled_events=asked.enabled_events,
            api_version=asked.api_version,
            description=asked.description,
            metadata=merged({}, asked.metadata),
        )
    )


def update_endpoint(account: SandboxAccount, asked: EndpointUpdate, endpoint_id: str) -> WebhookEndpoint:
    """Another address, other events, on or off."""
    before = sought(account.endpoints, endpoint_id)
    if asked.url is not None:
        _check_url(asked.url)
    return account.endpoints.put(
        msgspec.structs.replace(
            before,
            url=asked.url or before.url,
            enabled_events=asked.enabled_events or before.enabled_events,
            description=before.description if asked.description is None else asked.description or None,
            disabled=before.disabled if asked.disabled is None else asked.disabled,
            metadata=merged(before.metadata, asked.metadata),
        )
    )


def roll_secret(
    account: SandboxAccount, endpoint_id: str, *, keep_seconds: int, secret: str | None = None
) -> WebhookEndpoint:
    """A new secret; the old ones sign along for `keep_seconds` (Stripe: up to 24 hours)."""
    before = sought(account.endpoints, endpoint_id)
    until = account.clock.now() + keep_seconds
    old = [SigningSecret(value=s.value, until=min(until, s.until or until)) for s in before.secrets]
    new = SigningSecret(value=secret or new_id("whsec"))
    return account.endpoints.put(
        msgspec.structs.replace(before, secrets=[new, *(old if keep_seconds else [])])
    )


def valid_secrets(account: SandboxAccount, endpoint: WebhookEndpoint) -> list[str]:
    """The secrets that sign now, newest first."""
    now = account.clock.now()
    return [s.value for s in endpoint.secrets if s.until is None or s.until > now]


def _check_url(url: str) -> None:
    if not url.startswith(("http://", "https://")):
        raise invalid_parameter("Invalid URL: An explicit scheme (such as https) must be provided.", "url")

"""Billing portal: opens sessions, under a configuration of ours where the account has no default.

A default exists once the portal's settings were saved in the dashboard, separately for test and live mode; until then
Stripe refuses every session that names no configuration (docs.stripe.com/api/customer_portal/sessions/create).
"""

from typing import Any

import msgspec

from egpay.adapters.stripe.inbound.translated import Listed
from egpay.adapters.stripe.outbound.checkout import metadata
from egpay.adapters.stripe.outbound.client import StripeApi, path_id, read
from egpay.domain.errors import Defect
from egpay.domain.values import CustomerId

CONFIGURATIONS = "/v1/billing_portal/configurations"
MARK = metadata({"egpay": "billing-portal"})
FEATURES: dict[str, Any] = {
    "customer_update": {"enabled": True, "allowed_updates": ["address", "email", "name", "tax_id"]},
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True},
    "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
}
"""What a customer may do: pay, see invoices, change details and card, and end a subscription with its period."""


class OpenPortalSession(msgspec.Struct, frozen=True):
    """URL of a portal session."""

    url: str


class KnownConfiguration(msgspec.Struct, frozen=True):
    """Configuration of a portal, and whether it is ours."""

    id: str
    metadata: dict[str, str] | None = None


async def open_portal(api: StripeApi, customer: CustomerId, *, return_url: str, key: str) -> str:
    """Open a session of the customer's portal; returns its URL, which works for minutes."""
    params = {"customer": path_id(customer, "customer"), "return_url": return_url}
    try:
        return await _opened(api, params, key)
    except Defect:
        # What is refused may as well be the customer: then the second try is refused, too.
        configured = {**params, "configuration": await _configuration(api)}
        return await _opened(api, configured, f"{key}:configured")


async def _opened(api: StripeApi, params: dict[str, str], key: str) -> str:
    answer = await api.post("/v1/billing_portal/sessions", params, idempotency_key=key)
    return read(answer, OpenPortalSession).url


async def _configuration(api: StripeApi) -> str:
    answer = await api.get(CONFIGURATIONS, {"active": True, "limit": 100})
    listed = read(answer, Listed[KnownConfiguration]).data if answer else []
    ours = [each.id for each in listed if (each.metadata or {}).get("egpay") == MARK["egpay"]]
    if ours:
        return ours[0]
    made = await api.post(
        CONFIGURATIONS,
        {"features": FEATURES, "metadata": MARK},
        idempotency_key="billing-portal:configuration",
    )
    return read(made, KnownConfiguration).id

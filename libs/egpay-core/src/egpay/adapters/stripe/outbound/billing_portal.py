"""Billing portal: opens sessions under a configuration of ours, which the catalogue's sync writes.

The account's default is left alone: it belongs to what else is sold there, and does not exist before its settings are
saved in the dashboard (docs.stripe.com/api/customer_portal/configurations). Each installation has one of its own.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from egpay.adapters.stripe.inbound.translated import Listed
from egpay.adapters.stripe.outbound.checkout import metadata
from egpay.adapters.stripe.outbound.client import StripeApi, path_id, read
from egpay.domain.catalogue import SoldPrice
from egpay.domain.values import CustomerId

CONFIGURATIONS = "/v1/billing_portal/configurations"
OURS = {"egpay": "billing-portal"}
INSTALLATION = "egpay_installation"
MOST_PRODUCTS = 10
"""Products between which a customer may switch, at most (docs.stripe.com/customer-management/configure-portal)."""

FEATURES: dict[str, Any] = {
    "customer_update": {"enabled": True, "allowed_updates": ["address", "email", "name", "tax_id"]},
    "invoice_history": {"enabled": True},
    "payment_method_update": {"enabled": True},
    "subscription_cancel": {"enabled": True, "mode": "at_period_end"},
}
"""What a customer may do in any case: pay, see invoices, change details and card, end a subscription with its period."""


class OpenPortalSession(msgspec.Struct, frozen=True):
    """URL of a portal session."""

    url: str


class KnownConfiguration(msgspec.Struct, frozen=True):
    """Configuration of a portal, and whether it is ours."""

    id: str
    metadata: dict[str, str] | None = None

    def is_of(self, installation: str | None) -> bool:
        """Whether it is this installation's; one that names none was made by a release before there were several."""
        marks = self.metadata or {}
        return marks.get("egpay") == OURS["egpay"] and marks.get(INSTALLATION) in (None, installation)


async def open_portal(
    api: StripeApi, customer: CustomerId, *, return_url: str, key: str, installation: str | None = None
) -> str:
    """Open a session of the customer's portal; returns its URL, which works for minutes."""
    known = await _find(api, installation)
    params = {
        "customer": path_id(customer, "customer"),
        "return_url": return_url,
        "configuration": known.id if known else await _create(api, installation, FEATURES),
    }
    answer = await api.post("/v1/billing_portal/sessions", params, idempotency_key=key)
    return read(answer, OpenPortalSession).url


async def put_configuration(
    api: StripeApi, installation: str, offers: Sequence[SoldPrice], *, key: str
) -> int:
    """Let customers switch between these prices and change how many seats; returns between how many products.

    `key` is of this run, because the same change may be wanted again after another one.
    """
    switch = switching(offers)
    features = {**FEATURES, "subscription_update": switch}
    known = await _find(api, installation)
    if known is None:
        await _create(api, installation, features, key=key)
    else:
        params = {"features": features, "metadata": _marks(installation)}
        path = f"{CONFIGURATIONS}/{path_id(known.id, 'configuration')}"
        await api.post(path, params, idempotency_key=key)
    return len(switch.get("products", ()))


def switching(offers: Sequence[SoldPrice]) -> dict[str, Any]:
    """The feature by which customers change what they subscribe to; a change counts from now, in parts of the period."""
    products: dict[str, list[str]] = {}
    for price in offers:
        if price.interval is not None and (price.stripe_product in products or len(products) < MOST_PRODUCTS):
            products.setdefault(price.stripe_product, []).append(price.id)
    if not products:
        return {"enabled": False}
    return {
        "enabled": True,
        "default_allowed_updates": ["price", "quantity"],
        "proration_behavior": "create_prorations",
        "products": [{"product": product, "prices": prices} for product, prices in products.items()],
    }


async def _find(api: StripeApi, installation: str | None) -> KnownConfiguration | None:
    """The installation's own before one that names none."""
    answer = await api.get(CONFIGURATIONS, {"active": True, "limit": 100})
    listed = read(answer, Listed[KnownConfiguration]).data if answer else []
    ours = [each for each in listed if each.is_of(installation)]
    return min(ours, key=lambda each: INSTALLATION not in (each.metadata or {}), default=None)


async def _create(
    api: StripeApi, installation: str | None, features: dict[str, Any], *, key: str | None = None
) -> str:
    made = await api.post(
        CONFIGURATIONS,
        {"features": features, "metadata": _marks(installation)},
        idempotency_key=key or f"billing-portal:configuration:{installation or ''}",
    )
    return read(made, KnownConfiguration).id


def _marks(installation: str | None) -> dict[str, str]:
    return metadata({**OURS, **({INSTALLATION: installation} if installation else {})})

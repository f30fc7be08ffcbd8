"""Settings of checkout-api, read from the environment once, at the start."""

from typing import Annotated, Literal

import msgspec

from checkout_api.http.static_site import check_installed
from egpay import setting_checks
from egpay.domain import api_key
from egpay.settings import BaseUrl, Secret, Service, StripeKey, WarehouseSecret


class CheckoutApiSettings(Service, frozen=True, kw_only=True):
    """What checkout-api needs."""

    stripe_secret_key: StripeKey
    """Stripe's API key, `sk_...` or `rk_...`."""
    stripe_webhook_secrets: tuple[Annotated[Secret, setting_checks.signing_secret], ...]
    """Signing secrets of the webhook endpoint, comma-separated, newest first; two while one is being rolled."""
    stripe_api_base: BaseUrl | None = None
    """Only to point at the sandbox."""
    public_url: BaseUrl
    """Where the outside reaches this API."""
    storefront_url: BaseUrl
    """Where buyers return to after Checkout."""
    storefront: Annotated[Literal["on", "off"], check_installed] = "off"
    """`on`: the store itself is served here, at `PUBLIC_URL`; `STOREFRONT_URL` then names the same address."""
    sells_to: Literal["consumers", "businesses"] = "consumers"
    """Consumers may withdraw from an order; where only `businesses` are sold to, no one is offered it."""
    withdrawal_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 14
    """Days after the last delivery in which an order can be withdrawn from; with 0 no one is offered it."""
    promotion_codes: Literal["on", "off"] = "off"
    """`on`: the payment page has a field for a promotion code of the Stripe account."""
    app_url: BaseUrl | None = None
    """Where the product is, told to an admin who enters by an invitation; the storefront unless given."""
    cors_origins: tuple[Annotated[str, setting_checks.origin], ...] = ()
    """Origins of storefronts that may call from a browser, comma-separated."""
    countries: tuple[Annotated[str, setting_checks.country], ...] = ()
    """Countries that devices are sent to, comma-separated; without it, all that Stripe Checkout takes an address of."""
    warehouse_secret: WarehouseSecret
    """`whsec_...` (Standard Webhooks), shared with the warehouse."""
    api_keys: tuple[Annotated[Secret, api_key.check_entry], ...] = ()
    """Keys of the product's own programs as `name:sha256`, comma-separated (`egpay access new-key`); none: its routes
    answer 401."""
    checkout_rate_limit: Annotated[int, msgspec.Meta(ge=0)] = 60
    """Orders a client address may post within a minute, per process; 0 lifts the limit."""

    @property
    def withdrawal_period(self) -> int:
        """Days in which an order can be withdrawn from; 0 where no one is offered it."""
        return self.withdrawal_days if self.sells_to == "consumers" else 0

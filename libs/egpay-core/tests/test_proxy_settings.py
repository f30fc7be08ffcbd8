"""Whose word about the caller's address is believed."""

import pytest

from checkout_api.settings import CheckoutApiSettings
from egpay.settings import SettingsError, from_env

COMPLETE = {
    "DATABASE_URL": "postgresql://egpay@127.0.0.1/egpay",
    "NATS_URL": "nats://127.0.0.1:4222",
    "STRIPE_SECRET_KEY": "sk_test_1",
    "STRIPE_WEBHOOK_SECRETS": "whsec_1",
    "PUBLIC_URL": "https://api.example.com",
    "STOREFRONT_URL": "https://shop.example.com",
    "WAREHOUSE_SECRET": "whsec_d2FyZWhvdXNl",
}


@pytest.mark.parametrize(
    ("text", "proxies"),
    [
        ("", ()),
        ("10.0.0.1, 10.1.0.0/16,fd00::/8", ("10.0.0.1", "10.1.0.0/16", "fd00::/8")),
        ("*", ("*",)),
    ],
)
def test_proxies_are_addresses_networks_or_everybody(text: str, proxies: tuple[str, ...]) -> None:
    assert from_env(CheckoutApiSettings, {**COMPLETE, "TRUSTED_PROXIES": text}).trusted_proxies == proxies


@pytest.mark.parametrize("text", ["proxy.internal", "10.0.0.1;10.0.0.2", "**", "yes"])
def test_anything_else_stops_the_start(text: str) -> None:
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
        from_env(CheckoutApiSettings, {**COMPLETE, "TRUSTED_PROXIES": text})

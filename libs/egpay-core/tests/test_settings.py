from pathlib import Path

import msgspec
import pytest

from billing_worker.settings import BillingWorkerSettings
from checkout_api.settings import CheckoutApiSettings
from egpay.settings import SettingsError, from_env
from egpay_cli.settings import OperatorSettings

CHECKOUT = {
    "DATABASE_URL": "postgresql://egpay:hunter2@127.0.0.1/egpay",
    "NATS_URL": "nats://127.0.0.1:4222",
    "STRIPE_SECRET_KEY": "sk_test_1",
    "STRIPE_WEBHOOK_SECRETS": "whsec_new, whsec_old",
    "PUBLIC_URL": "https://api.example.com",
    "STOREFRONT_URL": "https://shop.example.com",
    "WAREHOUSE_SECRET": "whsec_d2FyZWhvdXNl",
}


def test_a_complete_environment_is_read_with_its_defaults() -> None:
    settings = from_env(CheckoutApiSettings, CHECKOUT)
    assert settings.port == 8000
    assert settings.workers == 1
    assert settings.stripe_api_base is None
    assert [secret.reveal() for secret in settings.stripe_webhook_secrets] == ["whsec_new", "whsec_old"]


def test_every_fault_is_named_at_once() -> None:
    broken = {**CHECKOUT, "PORT": "eighty", "PUBLIC_URL": "api.example.com", "LOG_LEVEL": "LOUD"}
    del broken["DATABASE_URL"], broken["STRIPE_SECRET_KEY"]
    with pytest.raises(SettingsError) as fault:
        from_env(CheckoutApiSettings, broken)
    for name in ("DATABASE_URL", "STRIPE_SECRET_KEY", "PORT", "PUBLIC_URL", "LOG_LEVEL"):
        assert name in str(fault.value)


def test_an_empty_value_counts_as_absent() -> None:
    with pytest.raises(SettingsError, match="NATS_URL: is missing"):
        from_env(CheckoutApiSettings, {**CHECKOUT, "NATS_URL": "  "})


def test_a_value_may_be_kept_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("sk_test_from_a_file\n")
    env = {name: value for name, value in CHECKOUT.items() if name != "STRIPE_SECRET_KEY"}
    settings = from_env(CheckoutApiSettings, {**env, "STRIPE_SECRET_KEY_FILE": str(secret)})
    assert settings.stripe_secret_key.reveal() == "sk_test_from_a_file"


def test_a_file_that_cannot_be_read_is_a_fault_like_any_other() -> None:
    env = {name: value for name, value in CHECKOUT.items() if name != "DATABASE_URL"}
    with pytest.raises(SettingsError, match="DATABASE_URL: its file cannot be read"):
        from_env(CheckoutApiSettings, {**env, "DATABASE_URL_FILE": "/nowhere/at/all"})


def test_no_secret_is_ever_shown() -> None:
    settings = from_env(CheckoutApiSettings, CHECKOUT)
    for secret in ("hunter2", "sk_test_1", "whsec_new", "whsec_old"):
        assert secret not in repr(settings)
    assert "hunter2" not in f"{settings.database_url} {settings.database_url!r}"


def test_a_malformed_secret_is_not_quoted_in_the_fault() -> None:
    with pytest.raises(SettingsError) as fault:
        from_env(OperatorSettings, {"NATS_URL": "nats://user:hunter2@host"})
    assert "hunter2" not in str(fault.value)


def test_every_setting_says_what_it_is_for() -> None:
    source = Path(__file__).parents[1] / "src" / "egpay" / "settings.py"
    lines = source.read_text().splitlines()
    for kind in (CheckoutApiSettings, BillingWorkerSettings, OperatorSettings):
        for field in msgspec.structs.fields(kind):
            at = [n for n, line in enumerate(lines) if line.strip().startswith(f"{field.name}: ")]
            assert all(lines[n + 1].strip().startswith('"""') for n in at), field.name


@pytest.mark.parametrize(
    ("given", "missing"),
    [("APP_WEBHOOK_URL", "APP_WEBHOOK_SECRET"), ("APP_WEBHOOK_SECRET", "APP_WEBHOOK_URL")],
)
def test_an_endpoint_of_the_product_needs_its_secret_and_the_other_way_round(
    given: str, missing: str
) -> None:
    values = {"APP_WEBHOOK_URL": "https://app.example/news", "APP_WEBHOOK_SECRET": "whsec_bWluZW1pbmVtaW5l"}
    with pytest.raises(SettingsError, match=f"{missing}: is missing beside {given}"):
        from_env(BillingWorkerSettings, {given: values[given]})

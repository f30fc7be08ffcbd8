"""A malformed variable stops the start: one message names every fault, the exit code is 2, no value is printed."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from billing_worker.settings import BillingWorkerSettings
from checkout_api.settings import CheckoutApiSettings
from egpay.settings import SettingsError, find_faults, from_env
from egpay_cli.settings import (
    DoctorSettings,
    OperatorSettings,
    OwnerSettings,
    ReconcileSettings,
    StripeAccountSettings,
)

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(sys.executable).parent
KINDS: tuple[type[msgspec.Struct], ...] = (
    CheckoutApiSettings,
    BillingWorkerSettings,
    OperatorSettings,
    OwnerSettings,
    StripeAccountSettings,
    ReconcileSettings,
    DoctorSettings,
)
GOOD = {
    "DATABASE_URL": "postgresql://egpay:hunter2@127.0.0.1:1/egpay",
    "MIGRATE_DATABASE_URL": "postgresql://egpay:hunter2@127.0.0.1:1/egpay",
    "NATS_URL": "nats://egpay:hunter2@127.0.0.1:1",
    "STRIPE_SECRET_KEY": "sk_test_1",
    "STRIPE_WEBHOOK_SECRETS": "whsec_new,whsec_old",
    "PUBLIC_URL": "https://api.example.com",
    "STOREFRONT_URL": "https://shop.example.com",
    "CORS_ORIGINS": "https://shop.example.com",
    "WAREHOUSE_SECRET": "whsec_d2FyZWhvdXNl",
    "WAREHOUSE_URL": "https://warehouse.example/orders",
    "SMTP_URL": "smtp://egpay:hunter2@127.0.0.1:1",
    "MAIL_FROM": "EG <hello@example.com>",
}
VARIABLES = re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
READ_BY_PEOPLE = {"SELLER_NAME", "SELLER_ADDRESS"}
PASSWORDS = {"CHECKOUT_API_DB_PASSWORD", "BILLING_WORKER_DB_PASSWORD", "OPERATOR_DB_PASSWORD"}
NO_VALUE_AT_ALL = {"quoted": '"{}"', "single quotes": "'{}'", "line break": "{}\nsecond", "nul": "{}\0"}
NO_VALUE_BUT_OF_A_PASSWORD = {
    "comma": ",",
    "commas": " , ",
    "a word": "secret word",
    "scheme": "gopher://h/x",
}


def faults(name: str, text: str) -> set[str | None]:
    """What each settings class that has the variable says about this text."""
    kinds = [kind for kind in KINDS if name.lower() in kind.__struct_fields__]
    return {find_faults(kind, {**GOOD, name: text}).get(name) for kind in kinds}


@pytest.mark.parametrize("name", VARIABLES)
def test_no_variable_takes_what_can_never_be_a_value(name: str) -> None:
    malformed = {word: form.format(GOOD.get(name, "1")) for word, form in NO_VALUE_AT_ALL.items()}
    if name not in PASSWORDS:
        malformed |= NO_VALUE_BUT_OF_A_PASSWORD
    if name in READ_BY_PEOPLE:
        malformed = {word: text for word, text in malformed.items() if word not in ("a word", "scheme")}
    for word, text in malformed.items():
        said = faults(name, text)
        assert said, name
        assert None not in said, (name, word)
        assert not any(text.strip() in words for words in said if words and len(text) > 3), (name, word)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("NATS_URL", ","),
        ("NATS_URL", "http://127.0.0.1:4222"),
        ("NATS_URL", "127.0.0.1:4222"),
        ("NATS_URL", "nats://127.0.0.1:4222,"),
        ("NATS_URL", "nats://127.0.0.1:4222,http://127.0.0.1:4223"),
        ("NATS_URL", "nats://"),
        ("NATS_URL", "nats://egpay:p#w@127.0.0.1:4222"),
        ("NATS_URL", "nats://127.0.0.1:70000"),
        ("NATS_CA_FILE", "/nowhere/ca.pem"),
        ("NATS_CA_FILE", __file__),
        ("DATABASE_URL", "mysql://egpay:hunter2@127.0.0.1/egpay"),
        ("DATABASE_URL", "postgresql://egpay:hun#ter2@127.0.0.1/egpay"),
        ("DATABASE_URL", "postgresql://egpay@127.0.0.1:port/egpay"),
        ("DATABASE_URL", "postgresql:///egpay"),
        ("DATABASE_URL", "postgresql://egpay@127.0.0.1/egpay?sslmode=yes"),
        ("STRIPE_WEBHOOK_SECRETS", "sk_test_oops"),
        ("STRIPE_WEBHOOK_SECRETS", '"whsec_inside"'),
        ("STRIPE_WEBHOOK_SECRETS", "we_1Nendpointid"),
        ("STRIPE_WEBHOOK_SECRETS", 'whsec_new,"whsec_inside"'),
        ("STRIPE_WEBHOOK_SECRETS", "whsec_"),
        ("STRIPE_SECRET_KEY", "whsec_oops"),
        ("STRIPE_SECRET_KEY", "pk_test_oops"),
        ("STRIPE_SECRET_KEY", "“sk_test_1”"),
        ("STRIPE_API_BASE", "api.stripe.com"),
        ("WAREHOUSE_SECRET", "sk_test_oops"),
        ("WAREHOUSE_SECRET", "whsec_a"),
        ("WAREHOUSE_SECRET", "d2FyZWhvdXNl"),
        ("WAREHOUSE_URL", "http://warehouse.example:99999/orders"),
        ("SMTP_URL", "http://mail.example"),
        ("SMTP_URL", "mail.example:25"),
        ("SMTP_URL", "smtp://"),
        ("MAIL_FROM", "EG"),
        ("MAIL_FROM", "EG <hello@example.com>, Other <other@example.com>"),
        ("MAIL_FROM", "EG <hello@example.com"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "10.0.0.1,*"),
        ("CORS_ORIGINS", "https://shop.example.com/"),
        ("CORS_ORIGINS", "https://Shop.example.com"),
        ("PUBLIC_URL", "https://user:hunter2@api.example.com"),
        ("PUBLIC_URL", "https://api.example.com?x=1"),
        ("STOREFRONT_URL", "https:///success"),
        ("HOST", "http://127.0.0.1"),
        ("HOST", "sk_test_oops"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "8000.0"),
        ("WORKERS", "0"),
        ("LOG_LEVEL", "LOUD"),
        ("KEEP_WEBHOOKS_DAYS", "30"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_in_words_that_do_not_repeat_it(name: str, text: str) -> None:
    said = faults(name, text)
    assert said
    assert None not in said
    secrets = ("hunter2", "ter2", "p#w", "oops", "inside", "endpointid", "hello@", "LOUD", "65536")
    assert not any(secret in str(said) for secret in secrets)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("NATS_URL", "nats://egpay:hunter2@one:4222, tls://egpay:hunter2@two.example"),
        ("DATABASE_URL", "postgresql://egpay@/egpay?host=/var/run/postgresql"),
        ("DATABASE_URL", "postgresql://egpay:hunter2@one:5432,two:5432/egpay?sslmode=verify-full"),
        ("SMTP_URL", "smtps://a%40b:p%3Aw@[::1]:465"),
        ("MAIL_FROM", '"EG, Dublin" <hello@example.com>'),
        ("MAIL_FROM", "hello@example.com"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8, 192.0.2.1"),
        ("CORS_ORIGINS", "https://shop.example.com, http://127.0.0.1:3000"),
        ("CORS_ORIGINS", "*"),
        ("WAREHOUSE_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        ("WAREHOUSE_URL", "https://user:hunter2@warehouse.example/orders?key=1"),
        ("STRIPE_SECRET_KEY", "rk_live_1"),
        ("HOST", "::"),
        ("HOST", "localhost"),
        ("CHECKOUT_API_DB_PASSWORD", ", a #word 'of' %odd\" signs"),
    ],
)
def test_every_form_that_works_is_taken(name: str, text: str) -> None:
    assert faults(name, text) == {None}


def test_a_file_that_is_missing_empty_or_no_text_is_named(tmp_path: Path) -> None:
    empty, binary = tmp_path / "empty", tmp_path / "binary"
    empty.write_text(" \n")
    binary.write_bytes(b"\xff\xfehunter2")
    for path in (tmp_path / "missing", tmp_path, empty, binary):
        given = {name: value for name, value in GOOD.items() if name != "STRIPE_SECRET_KEY"}
        with pytest.raises(SettingsError, match="STRIPE_SECRET_KEY: its file") as fault:
            from_env(CheckoutApiSettings, {**given, "STRIPE_SECRET_KEY_FILE": str(path)})
        assert "hunter2" not in str(fault.value)
    optional = {**GOOD, "STRIPE_API_BASE_FILE": str(empty)}
    assert "is empty" in find_faults(CheckoutApiSettings, optional)["STRIPE_API_BASE"]


def run(program: str, *arguments: str, env: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [str(PROGRAMS / program), *arguments]
    return subprocess.run(
        command, env={"PATH": "/usr/bin:/bin", **env}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("program", "wrong"),
    [
        (("checkout-api",), {"NATS_URL": ",", "WAREHOUSE_SECRET": "sk_test_oops", "PORT": "oops"}),
        (("billing-worker",), {"NATS_URL": ",", "SMTP_URL": "http://oops", "MAIL_FROM": "oops"}),
        (
            ("egpay-sandbox",),
            {"SANDBOX_WEBHOOK_SECRET": "sk_test_oops", "SANDBOX_WAREHOUSE_SECRET": '"oops"'},
        ),
        (("egpay-sandbox",), {"SANDBOX_WEBHOOK_SECRET": "oops", "SANDBOX_WAREHOUSE_SECRET": "whsec_a"}),
        (("egpay", "doctor"), {"NATS_URL": "http://oops", "PUBLIC_URL": "oops"}),
        (("egpay", "migrate"), {"NATS_URL": ",", "CHECKOUT_API_DB_PASSWORD": '"oops"'}),
        (("egpay", "reconcile"), {"DATABASE_URL": "oops://", "STRIPE_SECRET_KEY": "whsec_oops"}),
    ],
)
def test_a_program_names_every_fault_at_once_and_ends_with_2(
    program: tuple[str, ...], wrong: Mapping[str, str]
) -> None:
    ended = run(*program, env={**GOOD, **wrong})
    assert ended.returncode == 2
    assert set(re.findall(r"^  ([A-Z_]+): ", ended.stderr, re.MULTILINE)) == set(wrong)
    assert "Traceback" not in ended.stderr
    for secret in ("oops", "hunter2", "sk_test_1", "whsec_new"):
        assert secret not in ended.stderr + ended.stdout

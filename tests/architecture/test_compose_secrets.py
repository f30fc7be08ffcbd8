"""The secrets of a compose system: made once, shared by those who need them, and Stripe's when there are some."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from egpay.domain.api_key import ApiKeys

SCRIPT = Path(__file__).resolve().parents[2] / "deploy/docker/secrets_once.py"
CONSUMERS = ("owner", "operator", "checkout-api", "billing-worker", "sandbox", "nats")
TEST_KEYS = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRETS": "whsec_new,whsec_old"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for consumer in CONSUMERS:
        (tmp_path / consumer).mkdir()
    return tmp_path


def start(home: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-IS", str(SCRIPT), str(home)]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def held(home: Path) -> dict[str, str]:
    return {str(path.relative_to(home)): path.read_text() for path in home.rglob("*") if path.is_file()}


def test_a_second_start_changes_nothing(home: Path) -> None:
    assert start(home).returncode == 0
    before = held(home)
    assert start(home).returncode == 0
    assert held(home) == before


def test_two_systems_have_no_secret_in_common(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    for consumer in CONSUMERS:
        (other / consumer).mkdir()
    start(home)
    start(other)
    common = set(held(home).values()) & set(held(other).values())
    assert common == {"http://sandbox:8020"}


def test_who_has_to_agree_agrees_and_who_needs_nothing_has_nothing(home: Path) -> None:
    start(home)
    secrets = held(home)
    assert secrets["checkout-api/stripe_webhook_secrets"] == secrets["sandbox/webhook_secret"]
    shared = {secrets[f"{who}/warehouse_secret"] for who in ("checkout-api", "billing-worker", "sandbox")}
    assert len(shared) == 1
    for service in ("checkout-api", "billing-worker", "operator"):
        role = f"egpay_{service.replace('-', '_')}"
        password = secrets[f"owner/{role}_password"]
        assert secrets[f"{service}/database_url"] == f"postgresql://{role}:{password}@postgres:5432/egpay"
        login = secrets[f"owner/{role}_nats_password"]
        assert secrets[f"{service}/nats_url"] == f"nats://{role}:{login}@nats:4222"
        assert f'{role.upper()}_NATS_PASSWORD: "{login}"' in secrets["nats/passwords.conf"]
    assert secrets["owner/migrate_database_url"].startswith("postgresql://egpay:")
    assert secrets["owner/nats_url"].startswith("nats://egpay_operator:")
    assert [name for name in secrets if name.startswith("nats/")] == ["nats/passwords.conf"]
    operators = {name for name in secrets if name.startswith("operator/")}
    assert operators == {"operator/database_url", "operator/nats_url"}
    assert {name for name in secrets if name.startswith("sandbox/")} == {
        "sandbox/webhook_secret",
        "sandbox/warehouse_secret",
        "sandbox/app_webhook_secret",
    }
    assert secrets["billing-worker/app_webhook_secret"] == secrets["sandbox/app_webhook_secret"]
    assert ApiKeys([secrets["checkout-api/api_keys"]]).accepts(secrets["owner/api_key"])
    assert not [name for name in secrets if name.endswith("/api_key") and not name.startswith("owner/")]


def test_stripes_test_keys_replace_the_sandboxs_and_give_way_to_them_again(home: Path) -> None:
    start(home)
    sandboxed = held(home)
    assert start(home, **TEST_KEYS).returncode == 0
    secrets = held(home)
    assert (
        secrets["checkout-api/stripe_secret_key"]
        == secrets["billing-worker/stripe_secret_key"]
        == "sk_test_1"
    )
    assert secrets["checkout-api/stripe_webhook_secrets"] == "whsec_new,whsec_old"
    assert secrets["billing-worker/stripe_api_base"] == "https://api.stripe.com"
    start(home, STRIPE_SECRET_KEY="", STRIPE_WEBHOOK_SECRETS="")
    assert held(home) == sandboxed


def test_a_key_that_an_earlier_make_up_left_in_the_shell_is_not_stripes(home: Path) -> None:
    start(home, STRIPE_SECRET_KEY="sk_test_sandbox0123", STRIPE_WEBHOOK_SECRETS="whsec_old")
    assert held(home)["checkout-api/stripe_api_base"] == "http://sandbox:8020"


@pytest.mark.parametrize(
    "env", [{**TEST_KEYS, "STRIPE_SECRET_KEY": "sk_live_1"}, {"STRIPE_SECRET_KEY": "sk_test_1"}]
)
def test_a_live_key_or_a_key_alone_starts_nothing_and_is_not_printed(home: Path, env: dict[str, str]) -> None:
    done = start(home, **env)
    assert done.returncode == 1
    assert done.stderr.startswith("STRIPE_SECRET_KEY ")
    assert env["STRIPE_SECRET_KEY"] not in done.stdout + done.stderr


def test_a_secret_is_readable_for_its_consumers_group_only_also_one_of_an_earlier_release(home: Path) -> None:
    start(home)
    (home / "owner" / "egpay_password").chmod(0o644)
    (home / "owner").chmod(0o755)
    start(home)
    modes = {path.stat().st_mode & 0o777 for path in home.rglob("*") if path.is_file()}
    assert modes == {0o640}
    assert {(home / consumer).stat().st_mode & 0o777 for consumer in CONSUMERS} == {0o750}


def test_no_command_line_of_the_composition_takes_a_secret() -> None:
    """What a shell puts into its own environment (POSTGRES_PASSWORD=) is no argument of a program."""
    compose = (SCRIPT.parents[2] / "compose.yaml").read_text()
    assert re.findall(r"--[a-z-]*(?:secret|password|key)[a-z-]*\b", compose) == []
    [group] = re.findall(r'user: "0:(\d+)"', compose)
    assert f"USER {group}:{group}" in (SCRIPT.parents[2] / "deploy/Dockerfile").read_text()

"""What `make up` takes from `.env` and the environment: every variable of `.env.example`, or it says why not."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from egpay.settings import SettingsError
from egpay_local import dotenv_file, environment, nats, paths, postgres, start_settings, variables
from egpay_local.backing.embedded import scratch
from egpay_local.dotenv_file import MalformedDotenv
from egpay_local.plan import Ports, ServiceProcess, Task
from egpay_local.start_settings import NOT_TAKEN, StartSettings, load
from egpay_local.system import System
from egpay_local.system_builder import build_system

_EXAMPLE = (paths.CHECKOUT / ".env.example").read_text()
OF_COMPOSE = [
    name
    for line in re.findall(r"^#   ([A-Z_, ]+?)   ", _EXAMPLE, re.MULTILINE)
    for name in re.split(r",\s*", line)
]
VARIABLES = [*re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", _EXAMPLE, re.MULTILINE), *OF_COMPOSE]
SAMPLES = {
    "DATABASE_URL": "postgresql://me:hunter2@db.example/mine",
    "MIGRATE_DATABASE_URL": "postgresql://me:hunter2@db.example/mine",
    "NATS_URL": "nats://me:hunter2@nats.example",
    "NATS_CA_FILE": "/etc/ssl/mine.pem",
    "HOST": "0.0.0.0",  # noqa: S104 - it is refused
    "PORT": "8123",
    "WORKERS": "2",
    "LOG_LEVEL": "WARNING",
    "LOG_FORMAT": "json",
    "TRUSTED_PROXIES": "10.0.0.0/8",
    "STRIPE_SECRET_KEY": "sk_test_mine",
    "STRIPE_API_BASE": "https://stripe.example",
    "STOREFRONT_URL": "https://shop.example",
    "WAREHOUSE_SECRET": "whsec_bWluZW1pbmVtaW5l",
    "STRIPE_WEBHOOK_SECRETS": "whsec_mine",
    "PUBLIC_URL": "https://tunnel.example",
    "STOREFRONT": "off",
    "SELLS_TO": "businesses",
    "PROMOTION_CODES": "on",
    "APP_URL": "https://app.example",
    "CORS_ORIGINS": "https://shop.example",
    "COUNTRIES": "DE,IE",
    "API_KEYS": f"mine:{'0' * 64}",
    "CHECKOUT_RATE_LIMIT": "7",
    "SMTP_URL": "smtp://mail.example",
    "MAIL_FROM": "Me <me@example.com>",
    "SELLER_NAME": "Mine & Co",
    "SELLER_EMAIL": "orders@example.com",
    "SELLER_ADDRESS": "1 Quay, Dublin",
    "WITHDRAWAL_DAYS": "30",
    "EMAIL_LANGUAGE": "de",
    "EMAIL_TEMPLATES": str(Path(__file__).parent),
    "MAILS_OFF": "payment_retry,shipped",
    "WAREHOUSE_URL": "https://warehouse.example/orders",
    "ADOPT_SUBSCRIPTIONS": "all",
    "REFUND_ENDS_SUBSCRIPTION": "period_end",
    "PART_REFUND": "ship",
    "ACCESS_GRACE_DAYS": "7",
    "APP_WEBHOOK_URL": "https://app.example/news",
    "APP_WEBHOOK_SECRET": "whsec_bWluZW1pbmVtaW5l",
    "STRIPE_QUESTIONS_PER_SECOND": "3",
    "RECONCILE_SECONDS": "0",
    "KEEP_WEBHOOKS_DAYS": "31",
    "KEEP_PUBLISHED_DAYS": "8",
    "KEEP_PROCESSED_DAYS": "8",
    "CASE_ALARM_HOURS": "12",
    "KEEP_FOREIGN_DAYS": "8",
    "CHECKOUT_API_DB_PASSWORD": "p@ss/word",
    "BILLING_WORKER_DB_PASSWORD": "p ss:word",
    "OPERATOR_DB_PASSWORD": "p%ss&word",
    "EGPAY_API_PORT": "8321",
    "EGPAY_SANDBOX_PORT": "8322",
    "COMPOSE_FILE": "compose.yaml",
}
BESIDE = {
    "STRIPE_SECRET_KEY": ("STRIPE_WEBHOOK_SECRETS",),
    "STRIPE_WEBHOOK_SECRETS": ("STRIPE_SECRET_KEY",),
    "WAREHOUSE_URL": ("WAREHOUSE_SECRET",),
    "APP_WEBHOOK_URL": ("APP_WEBHOOK_SECRET",),
    "APP_WEBHOOK_SECRET": ("APP_WEBHOOK_URL",),
}
PORTS = {"PORT", "EGPAY_API_PORT", "EGPAY_SANDBOX_PORT"}

Built = Callable[[StartSettings], System]


@pytest.fixture(scope="module")
def built() -> Iterator[Built]:
    """Builds the system of `make up` on real servers, without starting its programs."""
    with (
        scratch() as folder,
        postgres.running(folder / "postgres", binaries=folder, durable=False) as database,
        nats.running(folder / "nats", durable=False) as broker,
    ):
        where = paths.Paths(state=folder, servers=folder)
        yield lambda settings: build_system(Ports(1, 2, 3, 4), database, broker, where, settings)


def environments(system: System) -> Mapping[str, Mapping[str, str]]:
    """The environment of each program that has settings."""
    steps = {step.name: step.env for step in system.plan() if isinstance(step, ServiceProcess | Task)}
    services = {name: steps[name] for name in ("checkout-api", "billing-worker")}
    return {**services, "egpay": steps["migrate"], "egpay doctor": system.environment()}


def write_dotenv(folder: Path, text: str, *, mode: int = 0o600) -> None:
    (folder / ".env").write_text(text)
    (folder / ".env").chmod(mode)


def test_the_samples_are_those_of_the_example() -> None:
    assert sorted(SAMPLES) == sorted(VARIABLES)


@pytest.mark.parametrize("spelling", ["environment", ".env", "file"])
@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_reaches_every_program_that_reads_it_or_is_named_with_the_reason(
    name: str, spelling: str, built: Built, tmp_path: Path
) -> None:
    given = {each: SAMPLES[each] for each in (name, *BESIDE.get(name, ()))}
    settings = _loaded(given, spelling, tmp_path)
    named = [notice for notice in settings.notices if notice.startswith(f"{name} is not used: ")]
    assert len(settings.notices) == len(named) == (name in NOT_TAKEN)
    assert not any("hunter2" in notice for notice in named)
    if name in NOT_TAKEN:
        return
    if name in PORTS:
        assert settings.port(name, default=1) == int(SAMPLES[name])
        return
    reached = {
        program: env[name]
        for program, env in environments(built(settings)).items()
        if name in variables.names(variables.PROGRAMS[program])
    }
    assert reached
    assert set(reached.values()) == {SAMPLES[name]}


def _loaded(given: Mapping[str, str], spelling: str, folder: Path) -> StartSettings:
    if spelling == "environment":
        return load(folder, given)
    if spelling == ".env":
        lines = (f"{name}='{value}'\n" for name, value in given.items())
        write_dotenv(folder, "".join(lines))
        return load(folder, {})
    for name, value in given.items():
        (folder / name).write_text(value + "\n")
    return load(folder, {f"{name}_FILE": str(folder / name) for name in given})


def test_a_password_of_a_role_is_the_one_it_logs_in_with(built: Built, tmp_path: Path) -> None:
    system = built(load(tmp_path, SAMPLES))
    assert system.role_passwords["egpay_checkout_api"] == SAMPLES["CHECKOUT_API_DB_PASSWORD"]
    assert ":p%40ss%2Fword@" in environments(system)["checkout-api"]["DATABASE_URL"]


def test_a_copied_example_changes_nothing(tmp_path: Path) -> None:
    write_dotenv(tmp_path, _EXAMPLE)
    settings = load(tmp_path, {})
    assert settings.notices == ()
    assert settings.port("PORT", default=1) == 8000


@pytest.mark.parametrize("dotenv", ["", _EXAMPLE], ids=["none", "example"])
def test_the_store_is_served_at_the_apis_own_address_and_named_first(
    dotenv: str, built: Built, tmp_path: Path
) -> None:
    write_dotenv(tmp_path, dotenv)
    system = built(load(tmp_path, {}))
    api = environments(system)["checkout-api"]
    assert (api["STOREFRONT"], api["STOREFRONT_URL"]) == ("on", api["PUBLIC_URL"])
    assert next(iter(system.urls().items())) == ("store", api["PUBLIC_URL"])


def test_a_store_elsewhere_is_not_served_here_too_unless_it_is_asked_for(
    built: Built, tmp_path: Path
) -> None:
    elsewhere = {"STOREFRONT_URL": "https://shop.example"}
    for given, served in ((elsewhere, "off"), ({**elsewhere, "STOREFRONT": "on"}, "on")):
        api = environments(built(load(tmp_path, given)))["checkout-api"]
        assert (api["STOREFRONT"], api["STOREFRONT_URL"]) == (served, "https://shop.example")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_dotenv_that_others_may_read_is_taken_and_named_with_the_remedy(tmp_path: Path, mode: int) -> None:
    write_dotenv(tmp_path, "PUBLIC_URL=https://tunnel.example\n", mode=mode)
    settings = load(tmp_path, {})
    assert settings.taken == {"PUBLIC_URL": "https://tunnel.example"}
    assert settings.notices == (".env is open to other users of this machine: `chmod 600 .env`",)
    assert (tmp_path / ".env").stat().st_mode & 0o777 == mode


def test_a_program_gets_none_of_the_secrets_of_another_one(built: Built, tmp_path: Path) -> None:
    programs = environments(built(load(tmp_path, SAMPLES)))
    for service in ("checkout-api", "billing-worker"):
        assert "CHECKOUT_API_DB_PASSWORD" not in programs[service]
    assert "KEEP_WEBHOOKS_DAYS" not in programs["checkout-api"]


def test_what_a_shell_still_has_of_an_earlier_start_is_named_and_not_used(
    built: Built, tmp_path: Path
) -> None:
    left = built(load(tmp_path, {})).environment()
    write_dotenv(tmp_path, "PUBLIC_URL=https://tunnel.example\n")
    settings = load(tmp_path, left)
    assert settings.taken == {"PUBLIC_URL": "https://tunnel.example"}
    assert len(settings.notices) == 1
    assert "an earlier `. .egpay/env`" in settings.notices[0]
    assert not {*settings.machine} & {*left}


def test_a_key_of_an_earlier_sandbox_in_dotenv_is_named_and_not_used(tmp_path: Path) -> None:
    left = {"STRIPE_SECRET_KEY": "sk_test_sandbox1", "STRIPE_WEBHOOK_SECRETS": "whsec_1"}
    settings = load(tmp_path, left)
    assert settings.taken == {}
    write_dotenv(tmp_path, "".join(f"{name}={value}\n" for name, value in left.items()))
    assert load(tmp_path, {}).taken == {}


def test_every_fault_of_dotenv_and_environment_is_named_at_once_and_no_value(tmp_path: Path) -> None:
    write_dotenv(tmp_path, 'MAIL_FROM=oops\nSTRIPE_SECRET_KEY=sk_live_oops\n=oops\nPORT="80\n')
    wrong = {
        "WAREHOUSE_SECRET": "sk_test_oops",
        "CORS_ORIGINS": ",",
        "SMTP_URL_FILE": str(tmp_path / "oops"),
        "EGPAY_SANDBOX_PORT": "oops",
        "NATS_URL": "oops",
    }
    with pytest.raises(SettingsError) as fault:
        load(tmp_path, wrong)
    named = set(re.findall(r"^  ([A-Z_]+|\.env): ", str(fault.value), re.MULTILINE))
    assert named == {".env", "WAREHOUSE_SECRET", "CORS_ORIGINS", "SMTP_URL", "EGPAY_SANDBOX_PORT"}
    assert "oops" not in str(fault.value)


def test_a_live_key_a_key_alone_and_a_foreign_warehouse_without_its_secret_are_faults(tmp_path: Path) -> None:
    for given, named in (
        ({"STRIPE_SECRET_KEY": "sk_live_oops", "STRIPE_WEBHOOK_SECRETS": "whsec_1"}, "STRIPE_SECRET_KEY"),
        ({"STRIPE_SECRET_KEY": "sk_test_1"}, "STRIPE_WEBHOOK_SECRETS"),
        ({"WAREHOUSE_URL": "https://warehouse.example"}, "WAREHOUSE_SECRET"),
    ):
        with pytest.raises(SettingsError, match=f"  {named}: ") as fault:
            load(tmp_path, given)
        assert "oops" not in str(fault.value)


def test_dotenv_is_read_as_others_read_it_and_the_environment_wins(tmp_path: Path) -> None:
    write_dotenv(
        tmp_path,
        "\ufeff# comment\n\nexport A_NAME='a value' # more\nPATH=never\nB=x=y\nC=\"two\\nlines\"\nD='${B}'\n",
    )
    given = load(tmp_path, {"PATH": "/bin"}).machine
    assert (given["A_NAME"], given["B"], given["C"], given["D"]) == ("a value", "x=y", "two\nlines", "${B}")
    assert given["PATH"] == "/bin"


@pytest.mark.parametrize("text", ["NAME='never closed\nB=1\n", "some words\nB=1\n", "=\n", "\xff"])
def test_a_line_of_dotenv_that_says_nothing_is_a_fault(text: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(text.encode("latin-1"))
    with pytest.raises(MalformedDotenv):
        dotenv_file.read(tmp_path / ".env")


def test_a_malformed_variable_stops_make_up_before_its_servers(tmp_path: Path) -> None:
    env = {
        **environment.inheritable(environment.inherited()),
        "NATS_URL": "nats://me:hunter2@nats.example",
        "WORKERS": "oops",
        "WAREHOUSE_SECRET": "sk_test_oops",
    }
    command = [sys.executable, "-m", "egpay_local", "--state", str(tmp_path / "state"), "up"]
    ended = subprocess.run(command, env=env, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 2
    assert "  WORKERS: " in ended.stderr
    assert "  WAREHOUSE_SECRET: " in ended.stderr
    assert not re.search("oops|hunter2|Traceback", ended.stderr + ended.stdout)
    assert not (tmp_path / "state" / "servers" / "postgres").exists()


def test_each_reason_stands_beside_a_variable_that_exists() -> None:
    assert set(start_settings.NOT_TAKEN) <= set(VARIABLES)

"""What the launcher decides before it starts anything: ports, keys, and what its programs may inherit."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from egpay_local import environment, stripe_keys, tcp_ports
from egpay_local.generated_secrets import GeneratedSecrets, load_or_generate
from egpay_local.nats import Nats
from egpay_local.os_account import OsAccount
from egpay_local.plan import InlineStep, Ports
from egpay_local.postgres import Postgres
from egpay_local.start_settings import StartSettings
from egpay_local.system import System
from egpay_local.tcp_ports import Port

SECRETS = GeneratedSecrets("sk_test_sandbox1", "whsec_1", "whsec_2", {}, "whsec_3", "egk_1")


def test_two_launchers_never_choose_the_same_port_even_before_anybody_listens() -> None:
    with tcp_ports.reserved() as first, tcp_ports.reserved(first.number) as second:
        assert second.number > first.number
        assert second.moved_from == first.number


def test_a_port_that_was_given_back_can_be_had_again() -> None:
    with tcp_ports.reserved() as first:
        pass
    with tcp_ports.reserved(first.number) as again:
        assert again.number == first.number
        assert again.moved_from is None


def test_without_keys_the_sandbox_plays_stripe() -> None:
    keys = stripe_keys.choose({}, "http://sandbox", SECRETS)
    assert keys.as_environment()["STRIPE_API_BASE"] == "http://sandbox"
    assert keys.secret_key.startswith("sk_test_sandbox")
    assert keys.newest_webhook_secret.startswith("whsec_")


def test_real_test_keys_are_passed_on_and_the_sandbox_is_left_out() -> None:
    given = {"STRIPE_SECRET_KEY": "sk_test_real", "STRIPE_WEBHOOK_SECRETS": "whsec_new,whsec_old"}
    assert stripe_keys.choose(given, "http://sandbox", SECRETS).as_environment() == given


def test_a_sandbox_key_left_in_the_shell_is_not_taken_for_stripe() -> None:
    left = stripe_keys.choose({}, "http://gone", SECRETS).as_environment()
    assert stripe_keys.choose(left, "http://sandbox", SECRETS).api_base == "http://sandbox"


def test_a_live_key_is_refused() -> None:
    live = {"STRIPE_SECRET_KEY": "sk_live_x", "STRIPE_WEBHOOK_SECRETS": "whsec_x"}
    with pytest.raises(stripe_keys.WrongKeys, match="no test key"):
        stripe_keys.choose(live, "http://sandbox", SECRETS)


def test_a_key_without_its_webhook_secret_is_refused() -> None:
    with pytest.raises(stripe_keys.WrongKeys, match="stripe listen"):
        stripe_keys.choose({"STRIPE_SECRET_KEY": "sk_test_real"}, "http://sandbox", SECRETS)


def test_secrets_are_the_same_tomorrow_and_nobody_elses(tmp_path: Path) -> None:
    first = load_or_generate(tmp_path / "secrets.json")
    assert load_or_generate(tmp_path / "secrets.json") == first
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert load_or_generate(tmp_path / "other.json") != first


def test_what_an_earlier_release_did_not_generate_is_added_and_the_rest_stays(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    first = load_or_generate(file)
    older = json.loads(file.read_text())
    del older["role_passwords"]["egpay_operator"]
    file.write_text(json.dumps(older))
    second = load_or_generate(file)
    assert second.role_passwords["egpay_operator"] not in ("", first.role_passwords["egpay_operator"])
    assert second.role_passwords["egpay_checkout_api"] == first.role_passwords["egpay_checkout_api"]
    assert (second.stripe_key, load_or_generate(file)) == (first.stripe_key, second)


def test_only_what_migrates_has_the_owners_login_and_the_passwords(tmp_path: Path) -> None:
    database = Postgres(None, Port(5433), "owners-own")  # type: ignore[arg-type]  # it is never started
    passwords = load_or_generate(tmp_path / "secrets.json").role_passwords
    ports, broker = Ports(api=1, worker=2, sandbox=3, smtp=4), Nats(None, Port(4223), passwords)  # type: ignore[arg-type]
    keys = stripe_keys.choose({}, "http://sandbox", SECRETS)
    system = System(
        ports,
        database,
        broker,
        keys,
        "whsec_3",
        "whsec_4",
        "egk_1",
        passwords,
        tmp_path,
        {},
        StartSettings({}, {}, ()),
    )
    assert urlsplit(system.environment()["DATABASE_URL"]).username == "egpay_operator"
    seen = {
        step.name: set(map(str, step.env.values()))
        for step in system.plan()
        if not isinstance(step, InlineStep)
    }
    assert {name for name, values in seen.items() if any("owners-own" in value for value in values)} == {
        "migrate",
        "catalogue",
    }
    assert all("owners-own" not in value for value in system.environment().values())


def test_our_programs_do_not_inherit_an_earlier_run_nor_a_proxy_for_this_machine() -> None:
    left = {
        "DATABASE_URL": "old",
        "STRIPE_API_BASE": "old",
        "WAREHOUSE_SECRET_FILE": "old",
        "MIGRATE_DATABASE_URL": "old",
        "OPERATOR_DB_PASSWORD": "old",
        "NO_PROXY": "intern",
    }
    inherited = environment.inheritable({**left, "HTTPS_PROXY": "p", "XERO_TENANT_ID": "kept"})
    assert set(inherited) == {"HTTPS_PROXY", "XERO_TENANT_ID", "NO_PROXY", "no_proxy"}
    assert inherited["NO_PROXY"] == "127.0.0.1,localhost,intern"


def test_an_account_of_its_own_may_not_enter_a_private_home(tmp_path: Path) -> None:
    (tmp_path / "home" / "checkout").mkdir(parents=True)
    (tmp_path / "home").chmod(0o700)
    assert not OsAccount(uid=65534, gid=65534).can_enter(tmp_path / "home" / "checkout")
    assert OsAccount().can_enter(tmp_path / "home" / "checkout")

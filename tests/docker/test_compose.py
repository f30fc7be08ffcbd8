"""The system that `docker compose up` starts sells, shares its work, and comes back from a restart of any part."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import httpx
import pytest

from egpay_local.compose import Compose, ComposeFailed
from egpay_local.demo_buyer import DemoBuyer, PurchaseFailed, new_buyer

T = TypeVar("T")
PATIENCE = 90.0
SERVICES = ("checkout-api", "billing-worker")
EVERYTHING = ("postgres", "nats", "sandbox", *SERVICES)
NUMBERS = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8010/metrics').read().decode())"


@pytest.fixture(scope="module")
def api(egpay: Compose) -> str:
    return str(egpay.address("checkout-api", 8000))


@pytest.fixture(scope="module")
def sandbox(egpay: Compose) -> str:
    return str(egpay.address("sandbox", 8020))


@pytest.fixture
def browser() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=15.0) as client:
        yield client


def test_a_purchase_goes_through_the_published_ports(egpay: Compose, api: str, sandbox: str) -> None:
    told = demo(egpay, api, sandbox)
    for step in ("sale.paid", "account.opened", "shipment.shipped"):
        assert told.count(f" {step} ") == 1
    assert told.count(" email.sent ") in (
        2,
        3,
    )  # confirmation and introduction; the parcel's may still be on its way


def test_the_store_opens_at_the_published_port_with_all_that_it_loads(
    api: str, browser: httpx.Client
) -> None:
    page = browser.get(f"{api}/", headers={"accept": "text/html"}).raise_for_status()
    assert "default-src 'none'" in page.headers["content-security-policy"]
    loaded = re.findall(r'(?:src|href)="\./([\w/.-]+\.(?:css|js|svg))"', page.text)
    assert {"brand.css", "style.css", "js/store.js"} <= set(loaded)
    pictures = [product["image"] for product in browser.get(f"{api}/v1/products").json()]
    for name in (*loaded, *pictures, "texts/de.json"):
        browser.get(f"{api}/{name}").raise_for_status()
    assert 'SELLS_TO = "consumers"' in browser.get(f"{api}/config.js").text


def test_three_workers_share_the_work(egpay: Compose, api: str, sandbox: str, browser: httpx.Client) -> None:
    scale(egpay, 3)
    ours: list[float] = []
    for _ in range(5):
        for buyer, order in [bought(browser, api, sandbox) for _ in range(6)]:
            buyer.wait_for_parcel(order["sale_id"])
        ours = [messages_of(egpay, worker) for worker in (1, 2, 3)]
        if all(ours):
            break
    assert all(ours), f"messages by worker: {ours}"
    assert demo(egpay, api, sandbox)


def test_a_purchase_in_whose_middle_everything_restarts_ends_once_and_whole(
    egpay: Compose, api: str, sandbox: str, browser: httpx.Client
) -> None:
    scale(egpay, 3)
    buyer = new_buyer(browser, api, sandbox, PATIENCE)
    order = buyer.order()
    hold(browser, sandbox, "stripe")
    buyer.pay(order["checkout_url"])
    before = started(egpay)
    for service in ("postgres", "nats", "sandbox"):
        egpay.run("restart", service)
    answering(browser, f"{sandbox}/livez")
    hold(browser, sandbox, "warehouse")  # so that it cannot be over before the services have restarted, too
    assert len(release(browser, sandbox, "stripe")) >= 3
    egpay.run("restart", *SERVICES)
    release(browser, sandbox, "warehouse")

    patiently(lambda: buyer.wait_for_parcel(order["sale_id"]))
    patiently(buyer.wait_for_email)
    after = started(egpay)
    assert before.keys() == after.keys()
    assert {container for container, moment in before.items() if after[container] == moment} == set()
    assert_once_and_whole(egpay, browser, sandbox, buyer, order["sale_id"])


def test_every_service_ends_in_good_order_and_goes_on_where_it_was(
    egpay: Compose, api: str, sandbox: str
) -> None:
    egpay.run("stop", *SERVICES, "sandbox")
    codes = {name: state("{{.State.ExitCode}}", name) for name in containers(egpay, *SERVICES, "sandbox")}
    assert set(codes.values()) == {"0"}, codes
    egpay.run("up", "--detach", "--wait", "--no-recreate")
    assert demo(egpay, api, sandbox)


def test_a_service_sees_only_its_own_secrets_and_none_in_its_environment(egpay: Compose) -> None:
    looking = "import os; print(sorted(os.listdir('/run/secrets')))"
    seen = {name: egpay.run("exec", "--no-TTY", name, "python", "-c", looking) for name in SERVICES}
    assert "egpay_password" not in "".join(seen.values())
    assert "stripe_webhook_secrets" in seen["checkout-api"]
    assert "stripe_webhook_secrets" not in seen["billing-worker"]
    given = "".join(state("{{.Config.Env}} {{.Args}}", name) for name in containers(egpay, *EVERYTHING))
    for secret in ("whsec_", "sk_test_", "postgresql://"):
        assert secret not in given


def test_no_process_shows_a_secret_and_other_accounts_may_read_none(egpay: Compose) -> None:
    shown = egpay.run("top")
    assert "egpay-sandbox" in shown
    for secret in ("whsec_", "sk_test_", "postgresql://"):
        assert secret not in shown
    looking = "import os, pathlib, sys; print(*{oct(path.stat().st_mode & 0o77) for top in sys.argv[1:] "
    looking += "for path in (pathlib.Path(top), *pathlib.Path(top).rglob('*'))})"
    for name in (*SERVICES, "sandbox"):
        modes = egpay.run("exec", "--no-TTY", name, "python", "-c", looking, "/run/secrets").split()
        assert set(modes) == {"0o40", "0o50"}, "the group is that of the one consumer"
    assert egpay.run("exec", "--no-TTY", "sandbox", "python", "-c", looking, "/data").split() == ["0o0"]


def test_a_service_has_no_more_rights_than_its_role(egpay: Compose) -> None:
    roles = "SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name LIKE '%-%' ORDER BY 1"
    query = ("psql", "--username=egpay", "--tuples-only", "--no-align", "--command", roles)
    told = egpay.run("exec", "--no-TTY", "postgres", *query).split()
    assert told == ["egpay_billing_worker", "egpay_checkout_api"]


def test_nothing_listens_outside_of_this_machine(egpay: Compose) -> None:
    published = [state("{{json .HostConfig.PortBindings}}", name) for name in containers(egpay, *EVERYTHING)]
    bound = [ports for ports in published if "HostPort" in ports]
    assert len(bound) == 2
    assert all('"HostIp":"127.0.0.1"' in ports for ports in bound)


def test_the_real_stripe_takes_the_sandboxs_place_when_it_is_asked_for(built: Compose) -> None:
    names = (
        "STRIPE_SECRET_KEY",
        "STRIPE_WEBHOOK_SECRETS",
        "WAREHOUSE_SECRET",
        "WAREHOUSE_URL",
        "STOREFRONT_URL",
    )
    given = dict.fromkeys((*names, "SMTP_URL", "MAIL_FROM"), "given")
    both = {**built.env, "COMPOSE_FILE": "compose.yaml:compose.stripe.yaml"}
    services = Compose(built.checkout, {**both, **given}).run("config", "--services").split()
    assert set(services) == {"secrets", "postgres", "nats", "migrate", "catalogue", *SERVICES}
    for name in given:
        without = {variable: value for variable, value in given.items() if variable != name}
        with pytest.raises(ComposeFailed, match=name):
            Compose(built.checkout, {**both, **without}).run("config", "--quiet")


def demo(egpay: Compose, api: str, sandbox: str) -> str:
    """What `make demo` prints when it is pointed at this system."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "egpay_local", "demo", "--api", api, "--sandbox", sandbox),
            *("--egpay", " ".join(egpay.operator())),
        ],
        env=dict(egpay.env),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def bought(browser: httpx.Client, api: str, sandbox: str) -> tuple[DemoBuyer, dict[str, Any]]:
    buyer = new_buyer(browser, api, sandbox, PATIENCE)
    order = buyer.order()
    buyer.pay(order["checkout_url"])
    return buyer, order


def scale(egpay: Compose, workers: int) -> None:
    egpay.run("up", "--detach", "--wait", "--no-recreate", "--scale", f"billing-worker={workers}")


def messages_of(egpay: Compose, worker: int) -> float:
    """How many messages one of the workers has done."""
    told = egpay.run(
        "exec", "--no-TTY", "--index", str(worker), "billing-worker", "python", "-c", NUMBERS
    ).splitlines()
    return sum(float(line.split()[-1]) for line in told if line.startswith("egpay_worker_messages_total"))


def containers(egpay: Compose, *services: str) -> list[str]:
    return egpay.run("ps", "--all", "--quiet", *services).split()


def state(template: str, container: str) -> str:
    asked = ["docker", "inspect", "--format", template, container]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def started(egpay: Compose) -> dict[str, str]:
    return {name: state("{{.State.StartedAt}}", name) for name in containers(egpay, *EVERYTHING)}


def hold(browser: httpx.Client, sandbox: str, channel: str) -> None:
    """Nothing of this channel is told until it is released."""
    browser.put(f"{sandbox}/sandbox/chaos/{channel}", json={"hold": True}).raise_for_status()


def release(browser: httpx.Client, sandbox: str, channel: str) -> list[str]:
    """What was held is told now, and all that follows at once."""
    answer = browser.post(f"{sandbox}/sandbox/chaos/{channel}/release", json={}).raise_for_status()
    released: list[str] = answer.json()["released"]
    return released


def answering(browser: httpx.Client, url: str) -> None:
    def ask() -> None:
        try:
            browser.get(url).raise_for_status()
        except httpx.HTTPError as error:
            raise PurchaseFailed(f"{url}: {error}") from error

    patiently(ask)


def patiently(attempt: Callable[[], T]) -> T:
    """Like somebody who reloads the page while the shop restarts."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return attempt()
        except PurchaseFailed:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def kinds_of_letters(browser: httpx.Client, sandbox: str, buyer: DemoBuyer) -> list[str]:
    letters = browser.get(f"{sandbox}/mailbox/api/messages", params={"to": buyer.email}).json()
    return sorted(letter["message_id"].lstrip("<").partition(".")[0] for letter in letters)


def assert_once_and_whole(
    egpay: Compose, browser: httpx.Client, sandbox: str, buyer: DemoBuyer, sale_id: str
) -> None:
    until = time.monotonic() + PATIENCE
    while len(keys := kinds_of_letters(browser, sandbox, buyer)) < 3 and time.monotonic() < until:
        time.sleep(0.2)
    assert keys == ["confirmation", "introduction", "shipped"]
    orders = browser.get(f"{sandbox}/warehouse/api/orders").json()
    parcels = [order for order in orders if sale_id in (order.get("id"), order.get("sale_id"))]
    assert [parcel["requests"] for parcel in parcels] == [1]
    told = egpay.run("run", "--rm", "--no-TTY", "egpay", "sale", "show", sale_id)
    once = (
        "sale.paid",
        "subscription.active",
        "account.opened",
        "warehouse.told",
        "shipment.shipped",
    )
    assert {step: told.count(f" {step} ") for step in once} == dict.fromkeys(once, 1)
    assert 1 < told.count(" email.sent ") <= len(keys)  # the last is noted once its mail server has answered
    letters_of_failure = "SELECT count(*) FROM dead_letters"
    query = ("psql", "--username=egpay", "--tuples-only", "--no-align", "--command", letters_of_failure)
    assert egpay.run("exec", "--no-TTY", "postgres", *query).strip() == "0"

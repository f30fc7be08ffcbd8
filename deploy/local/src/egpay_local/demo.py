"""`make demo`: one complete purchase, told as the timeline that an operator would read."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from egpay_local import environment, paths, purchase_report, runfile
from egpay_local.compose import Compose
from egpay_local.demo_buyer import NotBought, new_buyer
from egpay_local.paths import Places
from egpay_local.stop_signals import heeding_signals
from egpay_local.up import running

PATIENCE = 30.0
_LOCAL_EGPAY = str(Path(sys.executable).parent / "egpay")


def demo(where: Places, api: str | None, sandbox: str | None, egpay: str | None) -> None:
    """Against the system at these addresses, the running one (of `make up` first, then of `docker compose up`), or one
    that lives only for this purchase."""
    if api and sandbox:
        _buy(api, sandbox, environment.inherited(), shlex.split(egpay or _LOCAL_EGPAY))
        return
    if runfile.running_environment(where.state) is None and _bought_in_containers():
        return
    with _some_system(where) as env:
        merged = {**environment.of_the_machine(environment.inherited()), **env}
        _buy(env["PUBLIC_URL"], env["SANDBOX_URL"], merged, [_LOCAL_EGPAY])


def _bought_in_containers() -> bool:
    compose = Compose(paths.CHECKOUT, environment.inherited())
    api, sandbox = compose.address("checkout-api", 8000), compose.address("sandbox", 8020)
    if api is None or sandbox is None:
        return False
    _buy(api, sandbox, compose.env, compose.operator())
    return True


@contextmanager
def _some_system(where: Places) -> Iterator[Mapping[str, str]]:
    env = runfile.running_environment(where.state)
    if env is not None:
        yield env
        return
    sys.stdout.write("No `make up` is running from this checkout: starting one for this purchase ...\n")
    sys.stdout.flush()
    with heeding_signals() as stop_request, running(where, stop_request) as started:
        yield started.planned.environment()


def _buy(api: str, sandbox: str, env: Mapping[str, str], egpay: Sequence[str]) -> None:
    with httpx.Client(trust_env=False, timeout=15.0) as browser:
        buyer = new_buyer(browser, api, sandbox, PATIENCE)
        order = buyer.order()
        buyer.pay(order["checkout_url"])
        sale = buyer.wait_for_parcel(order["sale_id"])
        email = buyer.wait_for_email()
    told = _told_by_operator(order["sale_id"], env, egpay)
    sys.stdout.write(purchase_report.of(told, email, sale))


def _told_by_operator(sale_id: str, env: Mapping[str, str], egpay: Sequence[str]) -> dict[str, Any]:
    shown = subprocess.run(
        [*egpay, "sale", "show", sale_id, "--json"], env=env, capture_output=True, text=True, check=False
    )
    if shown.returncode != 0:
        raise NotBought(f"egpay sale show ended with {shown.returncode}: {shown.stderr.strip()[-500:]}")
    told: dict[str, Any] = json.loads(shown.stdout)
    return told

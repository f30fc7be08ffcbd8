"""`make demo`: one complete purchase, printed as the timeline that an operator would read."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from egpay_local import environment, purchase_report, runfile
from egpay_local.compose import Compose
from egpay_local.demo_buyer import PurchaseFailed, new_buyer
from egpay_local.paths import CHECKOUT, Paths
from egpay_local.stop_signals import deferred_signals
from egpay_local.up import running

_TIMEOUT = 30.0
_LOCAL_EGPAY = str(Path(sys.executable).parent / "egpay")


def demo(paths: Paths, api: str | None, sandbox: str | None, egpay: str | None) -> None:
    """Buys once against a running system, or against one that lives only for this purchase.

    The system is the one at these addresses, else the running one (of `make up` first, then of `docker
    compose up`).
    """
    if api and sandbox:
        _buy(api, sandbox, environment.inherited(), shlex.split(egpay or _LOCAL_EGPAY))
        return
    if runfile.running_environment(paths.state) is None and _buy_in_containers():
        return
    with _some_system(paths) as env:
        merged = {**environment.inheritable(environment.inherited()), **env}
        _buy(env["API_URL"], env["SANDBOX_URL"], merged, [_LOCAL_EGPAY])


def _buy_in_containers() -> bool:
    compose = Compose(CHECKOUT, environment.inherited())
    api, sandbox = compose.address("checkout-api", 8000), compose.address("sandbox", 8020)
    if api is None or sandbox is None:
        return False
    _buy(api, sandbox, compose.env, compose.operator())
    return True


@contextmanager
def _some_system(paths: Paths) -> Iterator[Mapping[str, str]]:
    env = runfile.running_environment(paths.state)
    if env is not None:
        yield env
        return
    sys.stdout.write("No `make up` is running from this checkout: starting one for this purchase ...\n")
    sys.stdout.flush()
    with deferred_signals() as stop_request, running(paths, stop_request) as started:
        yield started.system.environment()


def _buy(api: str, sandbox: str, env: Mapping[str, str], egpay: Sequence[str]) -> None:
    with httpx.Client(trust_env=False, timeout=15.0) as browser:
        buyer = new_buyer(browser, api, sandbox, _TIMEOUT)
        order = buyer.order()
        buyer.pay(order["checkout_url"])
        sale = buyer.wait_for_parcel(order["sale_id"])
        email = buyer.wait_for_email()
    operator_view = _operator_view(order["sale_id"], env, egpay)
    sys.stdout.write(purchase_report.render(operator_view, email, sale))


def _operator_view(sale_id: str, env: Mapping[str, str], egpay: Sequence[str]) -> dict[str, Any]:
    shown = subprocess.run(
        [*egpay, "sale", "show", sale_id, "--json"], env=env, capture_output=True, text=True, check=False
    )
    if shown.returncode != 0:
        raise PurchaseFailed(f"egpay sale show ended with {shown.returncode}: {shown.stderr.strip()[-500:]}")
    operator_view: dict[str, Any] = json.loads(shown.stdout)
    return operator_view

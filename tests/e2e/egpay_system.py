"""Whole system as it is deployed: every program in its own process and role, on a test's servers."""

import base64
import contextlib
import hashlib
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import asyncpg
import httpx

from egpay.domain.api_key import api_key_hash
from egpay_local import database_roles, environment, private_files
from egpay_local.nats import login_url
from egpay_local.paths import CHECKOUT
from egpay_local.plan import Plan, ServiceProcess, Task
from egpay_local.process import Child
from egpay_local.process_supervisor import ProcessSupervisor, supervised_processes
from egpay_local.stop_signals import StopRequest
from egpay_local.tcp_ports import reserved

T = TypeVar("T")
PROGRAMS = Path(sys.executable).parent
CATALOGUE = CHECKOUT / "deploy" / "catalogue.toml"
API_KEY = "egk_of_a_test"
"""What the product shows to checkout-api."""
DEADLINE = 90.0
"""Seconds after which a test gives up: it ends what hangs, and no test says that anything is as slow as this."""


@dataclass(frozen=True, slots=True)
class EgpaySystem:
    """The URLs of a running system, and access to its database."""

    api: str
    worker: str
    sandbox: str
    database_url: str
    nats_url: str
    env: dict[str, str]
    supervisor: ProcessSupervisor
    browser: httpx.Client

    def order(self, *, email: str = "", **changes: Any) -> dict[str, Any]:
        """Posts an order for three devices and a subscription; returns the answer."""
        answer = self.browser.post(f"{self.api}/v1/checkout/sessions", json=order(email=email, **changes))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def sale(self, sale_id: str) -> dict[str, Any]:
        """Loads the sale as the storefront sees it."""
        return dict(self.browser.get(f"{self.api}/v1/sales/{sale_id}").raise_for_status().json())

    def letters(self, email: str, key: str = "introduction") -> list[dict[str, Any]]:
        """Lists this person's letters about facts of one kind, by the first word of their keys."""
        answer = self.browser.get(f"{self.sandbox}/mailbox/api/messages", params={"to": email}).json()
        return [letter for letter in answer if letter["message_id"].startswith(f"<{key}.")]

    def process(self, name: str) -> Child:
        """Returns a running program."""
        return next(child for service, child in self.supervisor.services if service.name == name)

    async def ask(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """Queries the database as its owner."""
        connection = await asyncpg.connect(self.database_url)
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()


def order(*, email: str = "", **changes: Any) -> dict[str, Any]:
    """Builds a complete order by a new buyer."""
    return {
        "line_items": [
            {"product": "sensor", "quantity": 3},
            {"product": "monitoring-monthly", "quantity": 1},
        ],
        "organisation": "Harbour Cycling Club",
        "name": "Orla Byrne",
        "email": email or f"orla+{secrets.token_hex(4)}@harbour.example",
        "shipping_address": {
            "line1": "12 Harbour Street",
            "city": "Dublin",
            "postal_code": "D02 XE80",
            "country": "IE",
        },
        **changes,
    }


def until(look: Callable[[], T], *, what: str, deadline: float = DEADLINE) -> T:
    """Polls for the first truthy answer; fails with what was missing."""
    end = time.monotonic() + deadline
    while not (found := look()):
        assert time.monotonic() < end, f"{what}; last seen: {found!r}"
        time.sleep(0.05)
    return found


@contextlib.contextmanager
def running_system(database_url: str, nats_url: str, folder: Path, **other: str) -> Iterator[EgpaySystem]:
    """Runs the whole system, from `egpay migrate` to the last URL that answers.

    `other` overrides defaults: variables of the environment, such as STRIPE_API_BASE, and flags of the
    sandbox, such as --retry-base.
    """
    flags = {name: value for name, value in other.items() if name.startswith("--")}
    variables = {name: value for name, value in other.items() if name not in flags}
    with contextlib.ExitStack() as stack:
        api, worker, sandbox, smtp = (stack.enter_context(reserved()).number for _ in range(4))
        urls = {name: f"http://127.0.0.1:{port}" for name, port in (("api", api), ("worker", worker))}
        urls["sandbox"] = f"http://127.0.0.1:{sandbox}"
        env = {**_environment(database_url, nats_url, urls, smtp), **variables}
        supervisor = stack.enter_context(supervised_processes(folder / "logs", folder, (), StopRequest()))
        private_files.make_folder(supervisor.logs)
        supervisor.run_plan(_plan(env, urls, sandbox, smtp, folder, flags, database_url))
        browser = stack.enter_context(httpx.Client(trust_env=False, timeout=DEADLINE, follow_redirects=False))
        yield EgpaySystem(
            **urls,
            database_url=database_url,
            nats_url=nats_url,
            env=env,
            supervisor=supervisor,
            browser=browser,
        )


def _environment(database_url: str, nats_url: str, urls: dict[str, str], smtp: int) -> dict[str, str]:
    return {
        **environment.inheritable(environment.inherited()),
        "DATABASE_URL": database_login_url(database_roles.OPERATOR.role, database_url),
        "NATS_URL": nats_url,
        "STRIPE_SECRET_KEY": "sk_test_sandbox",
        "STRIPE_WEBHOOK_SECRETS": f"whsec_{secrets.token_hex(24)}",
        "STRIPE_API_BASE": urls["sandbox"],
        "PUBLIC_URL": urls["api"],
        "STOREFRONT_URL": urls["api"],
        "STOREFRONT": "on",
        "SMTP_URL": f"smtp://127.0.0.1:{smtp}",
        "MAIL_FROM": "EG <hello@eg.example>",
        "WAREHOUSE_URL": f"{urls['sandbox']}/warehouse/orders",
        "WAREHOUSE_SECRET": f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}",
        "APP_WEBHOOK_URL": f"{urls['sandbox']}/product/webhooks",
        "APP_WEBHOOK_SECRET": f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}",
        "API_KEYS": f"test:{api_key_hash(API_KEY)}",
        "CHECKOUT_RATE_LIMIT": "0",
        "PROMOTION_CODES": "on",
        "LOG_FORMAT": "json",
    }


def _plan(
    env: dict[str, str],
    urls: dict[str, str],
    sandbox: int,
    smtp: int,
    folder: Path,
    more: Mapping[str, str],
    owner: str,
) -> Plan:
    flags = {
        "--port": str(sandbox),
        "--smtp-port": str(smtp),
        "--public-url": urls["sandbox"],
        "--data": str(folder / "sandbox"),
        "--webhook-url": f"{urls['api']}/webhooks/stripe",
        "--warehouse-callback": f"{urls['api']}/webhooks/warehouse",
        **more,
    }
    arguments = [part for flag in flags.items() for part in flag]
    signing = {
        "SANDBOX_WEBHOOK_SECRET": env["STRIPE_WEBHOOK_SECRETS"],
        "SANDBOX_WAREHOUSE_SECRET": env["WAREHOUSE_SECRET"],
        "SANDBOX_APP_SECRET": env["APP_WEBHOOK_SECRET"],
    }
    broker = {"NATS_URL": login_url(env["NATS_URL"], database_roles.OPERATOR.role)}
    logins = database_roles.migration_environment(owner, login_passwords(owner))
    migration = {**env, **broker, **logins}
    return (
        ServiceProcess(
            "sandbox",
            (PROGRAMS / "egpay-sandbox", *arguments),
            (f"{urls['sandbox']}/livez",),
            {**env, **signing},
        ),
        Task("migrate", (PROGRAMS / "egpay", "migrate"), migration),
        Task(
            "catalogue",
            (PROGRAMS / "egpay", "catalogue", "apply", CATALOGUE),
            {**migration, "STRIPE_API_BASE": urls["sandbox"]},
            needs=("sandbox",),
        ),
        _service("checkout-api", urls["api"], env, owner),
        _service("billing-worker", urls["worker"], env, owner),
    )


def login_passwords(owner: str) -> dict[str, str]:
    """Returns one password per role, shared by all systems on a cluster.

    Roles belong to the whole cluster: with a password of its own, one system would lock the other out.
    """
    salt = urlsplit(owner).password
    return {
        login.role: hashlib.sha256(f"{login.role}:{salt}".encode()).hexdigest()[:24]
        for login in database_roles.LOGINS
    }


def database_login_url(role: str, owner: str) -> str:
    """Returns the URL of the owner's database under another login."""
    url = urlsplit(owner)
    return url._replace(netloc=f"{role}:{login_passwords(owner)[role]}@{url.hostname}:{url.port}").geturl()


def _service(name: str, url: str, env: dict[str, str], owner: str) -> ServiceProcess:
    role = database_roles.SERVICES[name].role
    logins = {
        "DATABASE_URL": database_login_url(role, owner),
        "NATS_URL": login_url(env["NATS_URL"], role),
    }
    own = {**env, **logins, "PORT": str(urlsplit(url).port)}
    return ServiceProcess(name, (PROGRAMS / name,), (f"{url}/readyz",), own)

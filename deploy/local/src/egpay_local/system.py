"""egpay as a start plan: its programs, their environment and order, and the URLs that a person wants."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from egpay.domain.api_key import api_key_hash
from egpay_local import database_roles
from egpay_local.database_roles import DatabaseLogin
from egpay_local.nats import Nats
from egpay_local.paths import CHECKOUT
from egpay_local.plan import Plan, Ports, ServiceProcess, Task
from egpay_local.postgres import Postgres
from egpay_local.start_settings import OPERATORS, SHARED, StartSettings
from egpay_local.stripe_keys import StripeKeys
from egpay_local.tcp_ports import LOOPBACK

_PROGRAMS = Path(sys.executable).parent
_CATALOGUE = CHECKOUT / "deploy" / "catalogue.toml"


@dataclass(frozen=True, slots=True)
class System:
    """Everything that is decided before our first program starts."""

    ports: Ports
    database: Postgres
    broker: Nats
    stripe: StripeKeys
    warehouse_secret: str
    app_webhook_secret: str
    api_key: str
    role_passwords: Mapping[str, str]
    sandbox_data: Path
    machine: Mapping[str, str]
    settings: StartSettings

    def environment(self) -> dict[str, str]:
        """Returns CONTRACT's variables as an operator needs them: the database under the operator's login."""
        return {
            **self.stripe.as_environment(),
            "DATABASE_URL": self._login(database_roles.OPERATOR),
            "NATS_URL": self.broker.url(database_roles.OPERATOR.role),
            "PUBLIC_URL": local_url(self.ports.api),
            "STOREFRONT_URL": self.settings.taken.get("PUBLIC_URL", local_url(self.ports.api)),
            "CORS_ORIGINS": local_url(self.ports.sandbox),
            "SMTP_URL": f"smtp://{LOOPBACK}:{self.ports.smtp}",
            "MAIL_FROM": "EG <hello@eg.example>",
            "SELLER_ADDRESS": "1 Quay Street, Dublin D02 X285, Ireland",
            "WAREHOUSE_URL": local_url(self.ports.sandbox, "/warehouse/orders"),
            "WAREHOUSE_SECRET": self.warehouse_secret,
            "APP_WEBHOOK_URL": local_url(self.ports.sandbox, "/product/webhooks"),
            "APP_WEBHOOK_SECRET": self.app_webhook_secret,
            "API_KEYS": f"local:{api_key_hash(self.api_key)}",
            "SANDBOX_URL": local_url(self.ports.sandbox),
            "API_URL": local_url(self.ports.api),
            "API_KEY": self.api_key,
            **{name: text for name, text in self.settings.taken.items() if name in (*SHARED, *OPERATORS)},
        }

    def plan(self) -> Plan:
        """Plans the sandbox first: it depends on nothing, so it starts while the database is migrated."""
        owner = database_roles.migration_environment(self.database.url(), self.role_passwords)
        migration = {**self.machine, **self.environment(), **self.settings.of("egpay"), **owner}
        return (
            self._sandbox(),
            Task("migrate", (_PROGRAMS / "egpay", "migrate"), migration),
            Task(
                "catalogue",
                (_PROGRAMS / "egpay", "catalogue", "apply", _CATALOGUE),
                migration,
                needs=("sandbox",),
            ),
            self._service("checkout-api", self.ports.api, "/livez", "/readyz", "/docs", "/v1/products"),
            self._service("billing-worker", self.ports.worker, "/livez", "/readyz"),
        )

    def urls(self) -> dict[str, str]:
        """Lists the URLs in the order of interest."""
        return {
            "store": local_url(self.ports.api),
            "API docs": local_url(self.ports.api, "/docs"),
            "products": local_url(self.ports.api, "/v1/products"),
            "sandbox (Stripe)": local_url(self.ports.sandbox),
            "hosted checkout": local_url(self.ports.sandbox, "/c/pay/<session>"),
            "mailbox": local_url(self.ports.sandbox, "/mailbox"),
            "warehouse": local_url(self.ports.sandbox, "/warehouse"),
            "product": local_url(self.ports.sandbox, "/product"),
            "worker health": local_url(self.ports.worker, "/readyz"),
            "PostgreSQL": self.database.url_without_password,
            "NATS": self.broker.url_without_password,
        }

    def _sandbox(self) -> ServiceProcess:
        flags = {
            "--host": LOOPBACK,
            "--port": self.ports.sandbox,
            "--smtp-host": LOOPBACK,
            "--smtp-port": self.ports.smtp,
            "--public-url": local_url(self.ports.sandbox),
            "--data": self.sandbox_data,
            "--webhook-url": local_url(self.ports.api, "/webhooks/stripe"),
            "--warehouse-callback": local_url(self.ports.api, "/webhooks/warehouse"),
        }
        arguments = [str(part) for flag in flags.items() for part in flag]
        ready_urls = tuple(
            local_url(self.ports.sandbox, path) for path in ("/livez", "/mailbox", "/warehouse", "/product")
        )
        env = {
            **self.machine,
            "SANDBOX_WEBHOOK_SECRET": self.stripe.newest_webhook_secret,
            "SANDBOX_WAREHOUSE_SECRET": self.warehouse_secret,
            "SANDBOX_APP_SECRET": self.app_webhook_secret,
        }
        return ServiceProcess("sandbox", (_PROGRAMS / "egpay-sandbox", *arguments), ready_urls, env)

    def _service(self, name: str, port: int, *ready_paths: str) -> ServiceProcess:
        login = database_roles.SERVICES[name]
        own = {
            "DATABASE_URL": self._login(login),
            "NATS_URL": self.broker.url(login.role),
            "HOST": LOOPBACK,
            "PORT": str(port),
            "WORKERS": "1",
            "LOG_LEVEL": "INFO",
            "LOG_FORMAT": "console",
            **(self._shop() if name == "checkout-api" else {}),
        }
        env = {**self.machine, **self.environment(), **own, **self.settings.of(name)}
        return ServiceProcess(
            name, (_PROGRAMS / name,), tuple(local_url(port, path) for path in ready_paths), env
        )

    def _shop(self) -> dict[str, str]:
        """Serves the store from checkout-api, unless a store elsewhere is named, and leads to the sandbox's product."""
        elsewhere = "STOREFRONT_URL" in self.settings.taken
        return {
            "STOREFRONT": "off" if elsewhere else "on",
            "APP_URL": local_url(self.ports.sandbox, "/product"),
        }

    def _login(self, login: DatabaseLogin) -> str:
        return self.database.url(user=login.role, password=self.role_passwords[login.role])


def local_url(port: int, path: str = "") -> str:
    return f"http://{LOOPBACK}:{port}{path}"

"""egpay itself as a plan: which programs, with which environment, in which order, and the URLs that a person wants."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from egpay_local import database_roles
from egpay_local.nats import Nats
from egpay_local.plan import Deed, Plan, Ports, Service, Task
from egpay_local.postgres import Postgres
from egpay_local.stripe_keys import StripeKeys
from egpay_local.tcp_ports import LOOPBACK

_PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class System:
    """Everything that is decided before the first program of ours starts."""

    ports: Ports
    database: Postgres
    broker: Nats
    stripe: StripeKeys
    warehouse_secret: str
    role_passwords: Mapping[str, str]
    sandbox_data: Path
    machine: Mapping[str, str]

    def environment(self) -> dict[str, str]:
        """CONTRACT's variables as the operator gets them: the database as its owner."""
        return {
            **self.stripe.as_environment(),
            "DATABASE_URL": self.database.url(),
            "NATS_URL": self.broker.url,
            "PUBLIC_URL": local(self.ports.api),
            "STOREFRONT_URL": local(self.ports.sandbox),
            "CORS_ORIGINS": local(self.ports.sandbox),
            "SMTP_URL": f"smtp://{LOOPBACK}:{self.ports.smtp}",
            "MAIL_FROM": "EG <hello@eg.example>",
            "WAREHOUSE_URL": local(self.ports.sandbox, "/warehouse/orders"),
            "WAREHOUSE_SECRET": self.warehouse_secret,
            "SANDBOX_URL": local(self.ports.sandbox),
        }

    def plan(self) -> Plan:
        """The sandbox leans on nothing, so it comes up while the database is migrated."""
        operator = {**self.machine, **self.environment()}
        return (
            self._sandbox(),
            Task("migrate", (_PROGRAMS / "egpay", "migrate"), operator),
            Deed("passwords", lambda: database_roles.set_passwords(self.database.url(), self.role_passwords)),
            Task("seed", (_PROGRAMS / "egpay", "catalogue", "seed"), operator),
            self._service("checkout-api", self.ports.api, "/livez", "/readyz", "/docs", "/v1/products"),
            self._service("billing-worker", self.ports.worker, "/livez", "/readyz"),
        )

    def urls(self) -> dict[str, str]:
        """In the order of interest."""
        return {
            "API": local(self.ports.api),
            "API docs": local(self.ports.api, "/docs"),
            "products": local(self.ports.api, "/v1/products"),
            "sandbox (Stripe)": local(self.ports.sandbox),
            "hosted checkout": local(self.ports.sandbox, "/c/pay/<session>"),
            "mailbox": local(self.ports.sandbox, "/mailbox"),
            "warehouse": local(self.ports.sandbox, "/warehouse"),
            "worker health": local(self.ports.worker, "/readyz"),
            "PostgreSQL": self.database.shown_url,
            "NATS": self.broker.url,
        }

    def _sandbox(self) -> Service:
        flags = {
            "--host": LOOPBACK,
            "--port": self.ports.sandbox,
            "--smtp-host": LOOPBACK,
            "--smtp-port": self.ports.smtp,
            "--public-url": local(self.ports.sandbox),
            "--data": self.sandbox_data,
            "--webhook-url": local(self.ports.api, "/webhooks/stripe"),
            "--webhook-secret": self.stripe.newest_webhook_secret,
            "--warehouse-secret": self.warehouse_secret,
            "--warehouse-callback": local(self.ports.api, "/webhooks/warehouse"),
        }
        arguments = [str(part) for flag in flags.items() for part in flag]
        answers = tuple(local(self.ports.sandbox, path) for path in ("/livez", "/mailbox", "/warehouse"))
        return Service("sandbox", (_PROGRAMS / "egpay-sandbox", *arguments), answers, self.machine)

    def _service(self, name: str, port: int, *answers: str) -> Service:
        role = database_roles.SERVICES[name]
        own = {
            "DATABASE_URL": self.database.url(user=role, password=self.role_passwords[role]),
            "HOST": LOOPBACK,
            "PORT": str(port),
            "WORKERS": "1",
            "LOG_LEVEL": "INFO",
            "LOG_FORMAT": "console",
        }
        env = {**self.machine, **self.environment(), **own}
        return Service(name, (_PROGRAMS / name,), tuple(local(port, path) for path in answers), env)


def local(port: int, path: str = "") -> str:
    return f"http://{LOOPBACK}:{port}{path}"

"""Shared account: two installations of egpay on one Stripe account, and a third product that sells there too."""

import asyncio
import contextlib
import secrets
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from egpay_system import (
    CATALOGUE,
    PROGRAMS,
    EgpaySystem,
    login_passwords,
    order,
    running_system,
)

from egpay_local import backing as backings
from egpay_local import database_roles
from egpay_local.backing.databases import Databases

KEY = {"authorization": "Bearer sk_test_sandbox"}


@dataclass(frozen=True, slots=True)
class Installation:
    """One egpay on the account."""

    egpay: EgpaySystem
    id: str
    file: Path

    async def buy(self, client: httpx.AsyncClient, account: str, email: str) -> str:
        """Orders and pays; returns the sale. The same e-mails buy from everybody on the account."""
        body = order(email=email)
        answer = await client.post(f"{self.egpay.api}/v1/checkout/sessions", json=body)
        assert answer.status_code == 201, answer.text
        placed = answer.json()
        paid = await client.post(f"{account}/sandbox/sessions/{placed['checkout_session_id']}/pay", json={})
        assert paid.is_success, paid.text
        return str(placed["sale_id"])

    def apply_catalogue(self, account: str, *, gateway: int) -> None:
        """Applies the demonstration's catalogue with another price of the gateway."""
        self.file.write_text(CATALOGUE.read_text().replace("14900", str(gateway)))
        owner = self.egpay.database_url
        logins = database_roles.migration_environment(owner, login_passwords(owner))
        subprocess.run(
            [PROGRAMS / "egpay", "catalogue", "apply", str(self.file)],
            env={**self.egpay.env, **logins, "STRIPE_API_BASE": account},
            check=True,
            capture_output=True,
        )


@dataclass(frozen=True, slots=True)
class SharedAccount:
    """The account, at the first installation's sandbox, and both installations."""

    url: str
    installations: tuple[Installation, Installation]
    third_price: str

    async def sell_elsewhere(self, client: httpx.AsyncClient, email: str) -> None:
        """Sells a subscription of the third product, which knows nothing of egpay."""
        cart = {
            "mode": "subscription",
            "line_items[0][price]": self.third_price,
            "line_items[0][quantity]": "1",
            "customer_email": email,
            "success_url": "https://third.example/done",
        }
        opened = await client.post(f"{self.url}/v1/checkout/sessions", data=cart, headers=KEY)
        assert opened.is_success, opened.text
        paid = await client.post(f"{self.url}/sandbox/sessions/{opened.json()['id']}/pay", json={})
        assert paid.is_success, paid.text

    async def apply_both(self, *, gateway: int) -> None:
        """Applies both catalogues at once."""
        applied = (
            asyncio.to_thread(each.apply_catalogue, self.url, gateway=gateway + number)
            for number, each in enumerate(self.installations)
        )
        await asyncio.gather(*applied)

    def prices(self) -> list[dict[str, Any]]:
        """Lists every price of the account."""
        answer = httpx.get(f"{self.url}/v1/prices", params={"limit": 100}, headers=KEY, trust_env=False)
        return list(answer.json()["data"])


def _made(account: str, path: str, /, **form: str) -> dict[str, Any]:
    answer = httpx.post(f"{account}/v1/{path}", data=form, headers=KEY, trust_env=False)
    assert answer.is_success, answer.text
    return dict(answer.json())


@contextlib.contextmanager
def shared_account(databases: Databases, backing: backings.Backing, folder: Path) -> Iterator[SharedAccount]:
    """Runs both, each on a database that it migrates itself, because a copied one has the same installation."""
    with contextlib.ExitStack() as stack:
        places = [
            (folder / name, stack.enter_context(databases.fresh(migrated=False)))
            for name in ("first", "second")
        ]
        brokers = [stack.enter_context(backing.clean_nats(place / "nats")) for place, _ in places]
        first = stack.enter_context(running_system(places[0][1], brokers[0], places[0][0]))
        endpoint = _made(
            first.sandbox,
            "webhook_endpoints",
            url="http://127.0.0.1:9/not-yet",
            **{"enabled_events[0]": "*", "api_version": "2026-10-28.endive"},
        )
        theirs = {"STRIPE_API_BASE": first.sandbox, "STRIPE_WEBHOOK_SECRETS": endpoint["secret"]}
        second = stack.enter_context(running_system(places[1][1], brokers[1], places[1][0], **theirs))
        _made(first.sandbox, f"webhook_endpoints/{endpoint['id']}", url=f"{second.api}/webhooks/stripe")
        product = _made(first.sandbox, "products", name="Third product")
        price = _made(
            first.sandbox,
            "prices",
            product=product["id"],
            currency="eur",
            unit_amount="900",
            **{"recurring[interval]": "month"},
        )
        installations = tuple(_installation(system, folder) for system in (first, second))
        yield SharedAccount(first.sandbox, (installations[0], installations[1]), price["id"])


def _installation(egpay: EgpaySystem, folder: Path) -> Installation:
    [row] = asyncio.run(egpay.ask("SELECT id FROM installation"))
    return Installation(egpay, row["id"], folder / f"{secrets.token_hex(4)}.toml")

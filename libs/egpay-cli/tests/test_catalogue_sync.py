"""What an operator sells is at Stripe too, once; an old price goes when no page sells it any more."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from forked_cli import CommandResult
from operator_system import EgpayCommand

from egpay_sandbox.app import build
from egpay_sandbox.config import Config
from egpay_sandbox.testing.serving import free_socket, served

KEY = "sk_test_sandbox"


def row(id_: str = "reader", **fields: Any) -> str:
    """Write one product, of 49 euros unless it says otherwise."""
    known = {
        "id": id_,
        "kind": "device",
        "name": id_.title(),
        "unit_amount": 4900,
        "currency": "eur",
        **fields,
    }
    return "\n".join(["[[product]]", *(f"{key} = {value!r}" for key, value in known.items()), ""])


@dataclass(frozen=True)
class Seller:
    """An operator with a file, the tables that it fills, and the Stripe account behind them."""

    file: Path
    url: str
    egpay: EgpayCommand
    stripe: httpx.AsyncClient

    async def apply(self, *rows: str, expect: int = 0, flags: tuple[str, ...] = ()) -> CommandResult:
        self.file.write_text("".join(rows))
        return await self.egpay("catalogue", "apply", str(self.file), *flags, expect=expect)

    async def ask(self, query: str, *values: object) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.url)
        try:
            return list(await connection.fetch(query, *values))
        finally:
            await connection.close()

    async def prices(self) -> list[dict[str, Any]]:
        """All prices of the account, oldest first."""
        found: list[dict[str, Any]] = (await self.stripe.get("/v1/prices", params={"limit": 100})).json()[
            "data"
        ]
        return found[::-1]

    async def products(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.stripe.get("/v1/products", params={"limit": 100})).json()[
            "data"
        ]
        return found[::-1]

    async def make(self, path: str, **form: str) -> dict[str, Any]:
        answer = await self.stripe.post(path, data=form)
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def installation(self) -> str:
        return str((await self.ask("SELECT id FROM installation"))[0]["id"])


@pytest.fixture
async def account() -> AsyncIterator[httpx.AsyncClient]:
    socket, url = free_socket()
    sandbox = build(Config(port=0, smtp_port=0, public_url=url, webhook_url=None))
    headers = {"authorization": f"Bearer {KEY}"}
    async with (
        served(sandbox, socket),
        httpx.AsyncClient(base_url=url, trust_env=False, headers=headers) as client,
    ):
        yield client


def selling(database_url: str, account: httpx.AsyncClient, file: Path) -> Seller:
    env = {
        "MIGRATE_DATABASE_URL": database_url,
        "DATABASE_URL": f"{database_url}?role=egpay_operator",
        "STRIPE_SECRET_KEY": KEY,
        "STRIPE_API_BASE": str(account.base_url),
    }
    return Seller(file, database_url, EgpayCommand(env), account)


@pytest.fixture
async def seller(database_url: str, account: httpx.AsyncClient, tmp_path: Path) -> Seller:
    return selling(database_url, account, tmp_path / "catalogue.toml")


async def test_an_entry_gets_one_product_and_one_price_however_often_it_is_applied(seller: Seller) -> None:
    plan = row("plan", kind="subscription", interval="month", interval_count=3, tax_code="txcd_10103001")
    for _ in range(3):
        await seller.apply(row(description="Reads."), plan)
    ours = await seller.installation()
    reader, plan_price = await seller.prices()
    assert (reader["unit_amount"], reader["currency"], reader["recurring"]) == (4900, "eur", None)
    assert reader["lookup_key"] == f"egpay:{ours}:reader"
    assert reader["metadata"] == {"egpay_product": "reader", "egpay_installation": ours}
    assert (plan_price["recurring"]["interval"], plan_price["recurring"]["interval_count"]) == ("month", 3)
    first, second = await seller.products()
    assert (first["name"], first["description"], second["tax_code"]) == ("Reader", "Reads.", "txcd_10103001")
    assert first["metadata"] == {"egpay_product": "reader", "egpay_installation": ours}
    rows = await seller.ask("SELECT id, product, active, replaced_at FROM prices ORDER BY product DESC")
    assert [tuple(one) for one in rows] == [
        (reader["id"], "reader", True, None),
        (plan_price["id"], "plan", True, None),
    ]


async def test_a_new_amount_is_a_new_price_and_the_old_one_is_archived_a_day_later(seller: Seller) -> None:
    await seller.apply(row())
    done = await seller.apply(row(unit_amount=5900))
    assert "takes the place of" in done.out
    assert "1 replaced prices are archived by the worker a day later" in done.out
    old, new = await seller.prices()
    assert [(one["active"], one["unit_amount"], bool(one["lookup_key"])) for one in (old, new)] == [
        (True, 4900, False),
        (True, 5900, True),
    ]
    await seller.apply(row(unit_amount=5900))
    assert [one["active"] for one in await seller.prices()] == [True, True]
    await seller.ask("UPDATE prices SET replaced_at = now() - interval '25 hours' WHERE id = $1", old["id"])
    assert "is to be archived" in (await seller.apply(row(unit_amount=5900), flags=("--dry-run",))).out
    assert f"{old['id']}" in (await seller.apply(row(unit_amount=5900))).out
    assert [one["active"] for one in await seller.prices()] == [False, True]
    assert [one["active"] for one in await seller.ask("SELECT active FROM prices ORDER BY created_at")] == [
        False,
        True,
    ]


async def test_a_price_with_a_page_that_is_open_is_not_archived(seller: Seller) -> None:
    await seller.apply(row())
    await seller.apply(row(unit_amount=5900))
    old, _ = await seller.prices()
    await seller.ask("UPDATE prices SET replaced_at = now() - interval '25 hours' WHERE id = $1", old["id"])
    await seller.ask(
        "INSERT INTO sales (id, status, organisation, name, email, email_key, device_quantity, total, currency,"
        " checkout_expires_at) VALUES ('s', 'in_progress', 'o', 'n', 'e', 'e', 1, 4900, 'eur', now() + interval '1 hour')"
    )
    await seller.ask(
        "INSERT INTO sale_lines (sale_id, position, product, kind, name, quantity, unit_amount, currency, price)"
        " VALUES ('s', 0, 'reader', 'device', 'n', 1, 4900, 'eur', $1)",
        old["id"],
    )
    await seller.apply(row(unit_amount=5900))
    assert [one["active"] for one in await seller.prices()] == [True, True]


async def test_going_back_to_an_archived_amount_makes_a_further_price(seller: Seller) -> None:
    for amount in (4900, 5900, 4900):
        await seller.apply(row(unit_amount=amount))
    assert [(one["unit_amount"], bool(one["lookup_key"])) for one in await seller.prices()] == [
        (4900, False),
        (5900, False),
        (4900, True),
    ]


async def test_what_was_made_before_a_crash_is_found_and_not_made_again(seller: Seller) -> None:
    await seller.apply(row())
    await seller.ask("DELETE FROM prices")
    await seller.apply(row())
    assert len(await seller.prices()) == len(await seller.products()) == 1
    assert len(await seller.ask("SELECT 1 FROM prices WHERE active AND replaced_at IS NULL")) == 1


async def test_an_apply_that_stripe_cuts_off_changes_no_table_and_is_run_again(seller: Seller) -> None:
    refusal = {"path": "/v1/prices", "code": "rate", "calls": 1}
    await seller.stripe.post("/sandbox/refusal", json=refusal)
    refused = await seller.apply(row(), row("hub"), expect=1)
    assert "InvalidRequestError 400 rate" in refused.err
    assert await seller.ask("SELECT 1 FROM products") == []
    await seller.apply(row(), row("hub"))
    assert [one["lookup_key"].rpartition(":")[2] for one in await seller.prices()] == ["reader", "hub"]


async def test_a_dry_run_says_what_stripe_would_get_and_gives_it_nothing(seller: Seller) -> None:
    planned = await seller.apply(row(), flags=("--dry-run",))
    assert "a new product with a price of 49.00 EUR" in planned.out
    assert (await seller.prices(), await seller.products()) == ([], [])
    assert await seller.ask("SELECT 1 FROM products") == []


async def test_a_product_follows_its_entry(seller: Seller) -> None:
    await seller.apply(row(description="Reads.", image="https://x.test/a.png"))
    await seller.apply(
        row(name="Reader II", image="img/a.svg")
    )  # a path of the store, which Stripe cannot fetch
    [product] = await seller.products()
    assert (product["name"], product["description"], product["images"]) == ("Reader II", None, [])
    assert [found["image"] for found in await seller.ask("SELECT image FROM products")] == ["img/a.svg"]
    assert len(await seller.prices()) == 1


async def test_a_price_that_exists_is_adopted_with_its_product_and_keeps_its_name(seller: Seller) -> None:
    product = await seller.make("/v1/products", name="Made by the office")
    price = await seller.make(
        "/v1/prices", product=product["id"], currency="eur", unit_amount="4900", lookup_key="office"
    )
    await seller.apply(row(stripe_price=price["id"]))
    [adopted], [kept] = await seller.prices(), await seller.products()
    ours = await seller.installation()
    assert (adopted["id"], adopted["lookup_key"]) == (price["id"], "office")
    assert adopted["metadata"] == {"egpay_product": "reader", "egpay_installation": ours}
    assert (kept["name"], kept["metadata"]) == ("Made by the office", {"egpay_installation": ours})
    await seller.apply(row())
    assert len(await seller.prices()) == 1


async def test_a_product_that_exists_gets_a_price_of_ours(seller: Seller) -> None:
    product = await seller.make("/v1/products", name="Made by the office")
    await seller.apply(row(stripe_product=product["id"]))
    [price], [kept] = await seller.prices(), await seller.products()
    assert (price["product"], kept["name"]) == (product["id"], "Made by the office")


async def test_what_cannot_be_adopted_is_named_by_row_and_field(seller: Seller) -> None:
    product = await seller.make("/v1/products", name="Other")
    dearer = await seller.make("/v1/prices", product=product["id"], currency="eur", unit_amount="9900")
    old = await seller.make(
        "/v1/prices", product=product["id"], currency="eur", unit_amount="4900", active="false"
    )
    foreign = await seller.make(
        "/v1/prices",
        product=product["id"],
        currency="eur",
        unit_amount="4900",
        **{"metadata[egpay_installation]": "x"},
    )
    rows = (
        row("a", stripe_price="price_gone"),
        row("b", stripe_price=dearer["id"]),
        row("c", stripe_price=old["id"]),
        row("d", stripe_price=foreign["id"]),
        row("e", stripe_product="prod_gone"),
    )
    refused = await seller.apply(*rows, expect=2)
    assert [line.strip() for line in refused.err.splitlines()[1:]] == [
        "product 1 ('a'), stripe_price: is no price at Stripe",
        "product 2 ('b'), stripe_price: has another unit_amount at Stripe",
        "product 3 ('c'), stripe_price: is archived at Stripe",
        "product 4 ('d'), stripe_price: belongs to another installation",
        "product 5 ('e'), stripe_product: is no product at Stripe",
    ]
    assert await seller.ask("SELECT 1 FROM products") == []


async def test_two_installations_on_one_account_archive_and_change_nothing_of_each_other(
    seller: Seller, empty_database_url: str, account: httpx.AsyncClient, tmp_path: Path
) -> None:
    other = selling(empty_database_url, account, tmp_path / "other.toml")
    await other.egpay("migrate")
    await seller.apply(row())
    await other.apply(row(unit_amount=100, name="Theirs"))
    await seller.apply(row(unit_amount=5900))
    await seller.ask(
        "UPDATE prices SET replaced_at = now() - interval '25 hours' WHERE replaced_at IS NOT NULL"
    )
    await seller.apply(row(unit_amount=5900))
    assert [(one["unit_amount"], one["active"]) for one in await account_prices(account)] == [
        (4900, False),
        (100, True),
        (5900, True),
    ]
    assert [one["name"] for one in await seller.products()] == ["Reader", "Theirs"]
    assert await seller.installation() != await other.installation()


async def account_prices(account: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await account.get("/v1/prices", params={"limit": 100})).json()["data"]
    return found[::-1]


async def test_the_default_price_of_an_adopted_product_stays_with_a_reason(seller: Seller) -> None:
    product = await seller.make(
        "/v1/products",
        name="Office",
        **{"default_price_data[currency]": "eur", "default_price_data[unit_amount]": "4900"},
    )
    await seller.apply(row(stripe_price=product["default_price"]))
    await seller.apply(row(unit_amount=5900))
    await seller.ask(
        "UPDATE prices SET replaced_at = now() - interval '25 hours' WHERE replaced_at IS NOT NULL"
    )
    assert (
        "stays at Stripe: Stripe: InvalidRequestError 400 active"
        in (await seller.apply(row(unit_amount=5900))).out
    )


async def test_doctor_says_what_is_on_sale_and_not_synced(seller: Seller) -> None:
    await seller.apply(row(), row("hub"))
    assert "Stripe sells what is on sale" in (await seller.egpay("doctor", expect=None)).out
    await seller.apply(row("hub", unit_amount=100), flags=("--local",))
    sick = (await seller.egpay("doctor", expect=1)).out
    assert "not synced with Stripe, orders are refused: hub;" in sick


async def test_without_stripes_key_nothing_is_changed_and_the_variable_is_named(
    seller: Seller, database_url: str
) -> None:
    seller.file.write_text(row())
    bare = EgpayCommand({"MIGRATE_DATABASE_URL": database_url})
    refused = await bare("catalogue", "apply", str(seller.file), expect=2)
    assert "STRIPE_SECRET_KEY" in refused.err
    assert await seller.ask("SELECT 1 FROM products") == []
    assert "are on sale" in (await bare("catalogue", "apply", str(seller.file), "--local")).out


async def portal_switches(seller: Seller) -> bool:
    """Whether customers of the billing portal may switch between subscriptions."""
    found = (await seller.stripe.get("/v1/billing_portal/configurations", params={"active": "true"})).json()
    [update] = [one["features"]["subscription_update"] for one in found["data"]]
    return bool(update["enabled"])


async def test_the_billing_portal_offers_what_is_on_sale_and_nothing_that_was_taken_off(
    seller: Seller,
) -> None:
    plans = [row(name, kind="subscription", interval="month") for name in ("basic", "plus")]
    assert "offers 2 subscriptions to switch between" in (await seller.apply(*plans, row())).out
    told = await seller.egpay("catalogue", "off-sale", "plus", "--dry-run")
    assert "billing portal: is to offer them no longer" in told.out
    told = await seller.egpay("catalogue", "off-sale", "plus", "reader", "--reason", "out of range")
    assert "billing portal: offers 1 subscriptions to switch between" in told.out
    assert await portal_switches(seller)
    told = await seller.egpay("catalogue", "off-sale", "basic", "--reason", "out of range")
    assert "billing portal: offers 0 subscriptions to switch between" in told.out
    assert not await portal_switches(seller)


async def test_nothing_goes_off_sale_while_the_portal_would_still_offer_it(seller: Seller) -> None:
    await seller.apply(row("basic", kind="subscription", interval="month"))
    await seller.stripe.post("/sandbox/outage", json={"answer": 503})
    await seller.egpay("catalogue", "off-sale", "basic", "--reason", "out of range", expect=1)
    assert len(await seller.ask("SELECT 1 FROM products WHERE on_sale")) == 1
    await seller.stripe.delete("/sandbox/outage")
    await seller.egpay("catalogue", "off-sale", "basic", "--reason", "out of range")
    assert await seller.ask("SELECT 1 FROM products WHERE on_sale") == []


async def test_a_device_goes_off_sale_without_a_word_to_stripe(seller: Seller) -> None:
    await seller.apply(row())
    done = await seller.egpay("catalogue", "off-sale", "reader", "--reason", "sold out", STRIPE_SECRET_KEY="")
    assert done.out == "1 products are off sale\n"

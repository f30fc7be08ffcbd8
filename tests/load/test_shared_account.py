"""Scenario 17 under load: two installations and a third product on one account leave each other alone."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from egpay_system import until
from shared_account import Installation, SharedAccount, shared_account

from egpay_local import backing as backings
from egpay_local.backing.databases import Databases

AT_ONCE = 6

BOOKS = """
    SELECT (SELECT count(*) FROM sales WHERE status = 'paid')::int AS paid,
           (SELECT count(*) FROM organisations)::int AS organisations,
           (SELECT count(*) FROM users)::int AS users,
           (SELECT count(*) FROM subscriptions WHERE sale_id IS NOT NULL)::int AS subscriptions,
           (SELECT count(*) FROM payments WHERE sale_id IS NOT NULL)::int AS payments,
           (SELECT count(*) FROM shipments)::int AS shipments,
           (SELECT count(*) FROM emails WHERE sent_at IS NOT NULL AND kind = 'introduction')::int AS introductions,
           (SELECT count(*) FROM emails WHERE sent_at IS NOT NULL AND kind = 'order_confirmation')::int
               AS confirmations
"""
NOTHING_ELSE = """
    SELECT (SELECT count(*) FROM subscriptions WHERE sale_id IS NULL)::int AS subscriptions,
           (SELECT count(*) FROM payments WHERE sale_id IS NULL)::int AS payments,
           (SELECT count(*) FROM emails WHERE kind NOT IN ('introduction', 'order_confirmation', 'shipped'))::int
               AS letters,
           (SELECT count(*) FROM owners)::int AS owners,
           (SELECT count(*) FROM cases)::int AS cases,
           (SELECT count(*) FROM dead_letters)::int AS dead_letters
"""
BACKLOG = """
    SELECT (SELECT count(*) FROM outbox WHERE published_at IS NULL)
         + (SELECT count(*) FROM outbox WHERE subject NOT LIKE 'billing.public.%' AND NOT EXISTS (
               SELECT FROM processed_messages AS done WHERE done.message_id = outbox.message_id)) AS waiting
"""
AGE = "UPDATE prices SET replaced_at = now() - interval '26 hours' WHERE replaced_at IS NOT NULL"


@pytest.fixture(scope="module")
def account(
    databases: Databases, backing: backings.Backing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedAccount]:
    with shared_account(databases, backing, tmp_path_factory.mktemp("shared-account")) as running:
        yield running


async def sell(account: SharedAccount, buyers: int) -> None:
    """Each buys from both installations and from the third product, while both catalogues are applied."""
    turn = asyncio.Semaphore(AT_ONCE)
    first, second = account.installations

    async def shop(number: int) -> None:
        email = f"buyer.{number}@both.example"
        async with turn:
            await account.sell_elsewhere(client, email)
            await first.buy(client, account.url, email)
            await second.buy(client, account.url, email)

    async def change_prices() -> None:
        await account.apply_both(gateway=15_000)
        for each in account.installations:
            await each.egpay.ask(AGE)
        await account.apply_both(gateway=16_000)

    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        await asyncio.gather(change_prices(), *(shop(number) for number in range(buyers)))


def row(installation: Installation, query: str) -> dict[str, int]:
    [found] = asyncio.run(installation.egpay.ask(query))
    return dict(found)


def is_settled(installation: Installation, buyers: int) -> bool:
    return (
        all(count == buyers for count in row(installation, BOOKS).values())
        and not row(installation, BACKLOG)["waiting"]
    )


def archived_by_its_own(account: SharedAccount) -> None:
    """Each archived price at Stripe is in the books of the installation whose mark it bears."""
    archived = [price for price in account.prices() if not price["active"]]
    for each in account.installations:
        theirs = asyncio.run(each.egpay.ask("SELECT id FROM prices WHERE NOT active"))
        ours = {price["id"] for price in archived if price["metadata"].get("egpay_installation") == each.id}
        assert ours
        assert ours <= {one["id"] for one in theirs}
    marks = {price["metadata"].get("egpay_installation") for price in archived}
    assert marks == {each.id for each in account.installations}


def test_two_installations_and_a_third_product_on_one_account_leave_each_other_alone(
    account: SharedAccount, report: list[str], pytestconfig: pytest.Config
) -> None:
    buyers = pytestconfig.getoption("account_buyers")
    asyncio.run(account.apply_both(gateway=14_900))
    asyncio.run(sell(account, buyers))
    for each in account.installations:
        until(lambda each=each: is_settled(each, buyers), what=f"not settled: {row(each, BOOKS)}")  # type: ignore[misc]
        assert row(each, BOOKS) == dict.fromkeys(row(each, BOOKS), buyers)
        assert row(each, NOTHING_ELSE) == dict.fromkeys(row(each, NOTHING_ELSE), 0)
        introduced = [len(each.egpay.letters(f"buyer.{number}@both.example")) for number in range(buyers)]
        assert introduced == [1] * buyers
    archived_by_its_own(account)
    report.append(
        f"one account, two installations and a third product: {3 * buyers} purchases, nothing mixed up"
    )

"""A mistyped e-mail is corrected: account, orders and invitation follow it, and no address leaves the database."""

from datetime import timedelta
from typing import Any

import pytest
from operator_system import OperatorSystem

from billing_worker.inbound.fold_batch import fold
from egpay.adapters.system.clock import utc_now
from egpay.adapters.wire import read_event
from egpay.domain.account import Invitation
from egpay.domain.sale import Sale
from egpay.domain.values import SubscriptionId, UserId
from egpay.testing.builders import invoice_paid, order, sale, subscription_changed

REASON = ("--reason", "she mistyped it")
WRONG, RIGHT = "ada@exmaple.com", "Ada@example.com"


async def account_of(system: OperatorSystem, email: str = WRONG, name: str = "1", **changes: Any) -> Sale:
    """A sale whose subscription has opened an account."""
    placed = order(email=email, **changes)
    opened = sale(placed)
    async with system.storage.begin() as uow:
        await uow.sales.add(opened, placed)
    running = SubscriptionId(f"sub_{name}")
    paid = invoice_paid(f"in_{name}", sale_id=opened.id, subscription_id=running, initial=True)
    for event in (subscription_changed(running, sale_id=opened.id), paid):
        await system.storage.apply([event], fold)
    return opened


async def folded(system: OperatorSystem) -> None:
    rows = await system.ask(
        "SELECT payload FROM outbox JOIN operator_acts ON key = message_id ORDER BY outbox.id"
    )
    await system.storage.apply([read_event(row["payload"]) for row in rows], fold)


async def admins(system: OperatorSystem) -> list[tuple[str, str, str]]:
    rows = await system.ask("SELECT email, email_key, status FROM users ORDER BY id")
    return [tuple(row) for row in rows]


async def test_a_mistyped_email_is_corrected_with_its_orders_and_the_right_one_is_invited(
    system: OperatorSystem,
) -> None:
    one = await account_of(system)
    devices = order(email=WRONG, plan=None)
    alone = sale(devices)
    async with system.storage.begin() as uow:
        await uow.sales.add(alone, devices)
    [user] = await system.ask("SELECT id, organisation_id FROM users")
    link = Invitation(
        token_hash=b"1" * 32, user_id=UserId(user["id"]), expires_at=utc_now() + timedelta(days=9)
    )
    async with system.storage.begin() as uow:
        await uow.invitations.issue(link)
    told = await system.egpay("account", "correct-email", WRONG, RIGHT, *REASON, "--json")
    await folded(system)
    assert await admins(system) == [(RIGHT, "ada@example.com", "invited")]
    sales = await system.ask("SELECT id, email_key FROM sales")
    assert {row["id"]: row["email_key"] for row in sales} == dict.fromkeys(
        (one.id, alone.id), "ada@example.com"
    )
    assert await system.ask("SELECT 1 FROM invitations WHERE expires_at > now()") == []
    key = f"introduction:{user['organisation_id']}:{told.json['key']}"
    assert await system.ask("SELECT 1 FROM outbox WHERE message_id = $1", key)
    assert await system.letters() == []
    leaks = "SELECT 1 FROM outbox WHERE encode(payload, 'escape') ILIKE '%example.com%'"
    assert await system.ask(leaks) == []
    assert await system.ask("SELECT 1 FROM timeline WHERE what LIKE '%@%'") == []


async def test_a_second_correction_waits_for_the_first_lest_that_be_worked_on_last(
    system: OperatorSystem,
) -> None:
    await account_of(system)
    first = await system.egpay("account", "correct-email", WRONG, "ada@exampel.com", *REASON, "--json")
    refused = await system.egpay("account", "correct-email", WRONG, RIGHT, *REASON, expect=1)
    assert f"the correction under key {first.json['key']} waits for a worker" in " ".join(refused.err.split())
    await folded(system)
    await system.egpay("account", "correct-email", "ada@exampel.com", RIGHT, *REASON)
    await folded(system)
    assert await admins(system) == [(RIGHT, "ada@example.com", "invited")]


async def test_what_is_sold_afterwards_finds_the_account_by_the_right_email(system: OperatorSystem) -> None:
    await account_of(system)
    act = ("account", "correct-email", WRONG, RIGHT, *REASON)
    await system.egpay(*act, "--key", "ticket-3")
    await folded(system)
    again = await system.egpay(*act, "--key", "ticket-3")
    assert "ticket-3  is entered since" in again.out
    await system.egpay(*act, "--key", "ticket-4", expect=1)
    await account_of(system, RIGHT, "2")
    assert len(await admins(system)) == 1
    assert len(await system.ask("SELECT 1 FROM organisations")) == 1


async def test_who_has_entered_is_evicted_only_on_request(system: OperatorSystem) -> None:
    await account_of(system)
    await system.ask("UPDATE users SET status = 'active'")
    refused = await system.egpay("account", "correct-email", WRONG, RIGHT, *REASON, expect=1)
    assert "--evict takes the account from them" in refused.err
    await system.egpay("account", "correct-email", WRONG, RIGHT, *REASON, "--evict")
    await folded(system)
    assert await admins(system) == [(RIGHT, "ada@example.com", "invited")]


async def test_who_has_entered_may_be_evicted_to_enter_again_under_the_same_address(
    system: OperatorSystem,
) -> None:
    await account_of(system)
    await system.ask("UPDATE users SET status = 'active'")
    await system.egpay("account", "correct-email", WRONG, WRONG, *REASON, expect=1)
    told = await system.egpay("account", "correct-email", WRONG, WRONG, *REASON, "--evict", "--json")
    await folded(system)
    assert await admins(system) == [(WRONG, WRONG, "invited")]
    introduction = f"%:{told.json['key']}"
    assert await system.ask("SELECT 1 FROM outbox WHERE message_id LIKE $1", introduction)


async def test_an_email_of_another_account_is_refused_and_named_by_its_organisation_only(
    system: OperatorSystem,
) -> None:
    await account_of(system)
    await account_of(system, RIGHT, "2", organisation="Difference Engines")
    refused = await system.egpay("account", "correct-email", WRONG, RIGHT, *REASON, expect=1)
    assert "is the admin's of org_" in refused.err
    assert "@" not in refused.err
    for wrong in ("nonsense", "a@b@c", WRONG):
        await system.egpay("account", "correct-email", WRONG, wrong, *REASON, expect=1)
    assert await system.ask("SELECT 1 FROM operator_acts") == []


@pytest.mark.parametrize("typed", ["ADA@EXMAPLE.COM"])
async def test_another_spelling_of_the_same_mailbox_is_taken_too(system: OperatorSystem, typed: str) -> None:
    await account_of(system)
    await system.egpay("account", "correct-email", WRONG, typed, *REASON)
    await folded(system)
    assert await admins(system) == [(typed, WRONG, "invited")]

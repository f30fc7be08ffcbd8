"""The old are invited on request: once within ten minutes, with a new link each time, and with who and why."""

import asyncio
from datetime import timedelta

import pytest
from operator_system import OperatorSystem

from billing_worker.inbound.fold_batch import fold
from egpay.adapters.system.clock import utc_now
from egpay.adapters.wire import read_command, read_event
from egpay.domain.account import Invitation
from egpay.domain.commands import SendIntroduction
from egpay.domain.subscription import SubscriptionStatus
from egpay.testing.builders import account, subscription, subscription_changed
from egpay.testing.folds import writing

ACCOUNT = account()
ORGANISATION = ACCOUNT.organisation.id


async def opened(system: OperatorSystem, *, adopted: bool = True, status: str = "active") -> None:
    """An account that a subscription opened, without a letter."""
    running = subscription(
        organisation_id=ORGANISATION,
        welcomed=True,
        adopted=adopted,
        status=SubscriptionStatus(status),
    )
    await system.storage.apply([subscription_changed("sub_1")], writing(ACCOUNT, running))


async def folded(system: OperatorSystem) -> None:
    """Folds the acts that were entered, as a worker does."""
    rows = await system.ask(
        "SELECT payload FROM outbox JOIN operator_acts ON key = message_id ORDER BY outbox.id"
    )
    await system.storage.apply([read_event(row["payload"]) for row in rows], fold)


async def requests(system: OperatorSystem) -> list[SendIntroduction]:
    query = "SELECT payload FROM outbox WHERE subject = 'billing.commands.send_introduction' ORDER BY id"
    commands = [read_command(row["payload"]) for row in await system.ask(query)]
    return [command for command in commands if isinstance(command, SendIntroduction)]


async def test_an_adopted_account_is_introduced_once_by_whom_and_why(system: OperatorSystem) -> None:
    await opened(system)
    arguments = ("reconcile", "--introduce", "--reason", "they are ours now", "--json")
    first, second = await system.egpay(*arguments), await system.egpay(*arguments)
    assert first.json == {
        "dry_run": False,
        "accounts": [{"organisation_id": ORGANISATION, "requested": True, "reason": None}],
    }
    assert second.json["accounts"] == []
    [command] = await requests(system)
    assert command.organisation_id == ORGANISATION
    [line] = await system.ask("SELECT subject, what FROM timeline WHERE kind = 'introduction.requested'")
    assert line["subject"] == ORGANISATION
    assert line["what"].startswith("introduction requested by ")
    assert line["what"].endswith(": they are ours now")


async def test_a_dry_run_writes_to_no_one(system: OperatorSystem) -> None:
    await opened(system)
    told = await system.egpay("reconcile", "--introduce", "--dry-run")
    assert told.out == f"{ORGANISATION}  would be introduced\nintroductions to be requested: 1\n"
    again = await system.egpay("account", "resend-introduction", ORGANISATION, "--dry-run", "--reason", "x")
    assert "command send_introduction" in again.out
    assert await requests(system) == []


@pytest.mark.parametrize(("adopted", "status"), [(False, "active"), (True, "canceled")])
async def test_who_was_not_adopted_or_left_is_not_invited(
    system: OperatorSystem, adopted: bool, status: str
) -> None:
    await opened(system, adopted=adopted, status=status)
    told = await system.egpay("reconcile", "--introduce", "--reason", "x", "--json")
    assert told.json["accounts"] == []


async def test_an_account_that_the_worker_introduced_is_not_introduced_again(system: OperatorSystem) -> None:
    await opened(system)
    await system.ask(
        "INSERT INTO emails (key, kind, recipient, subject, claimed_until) "
        "VALUES ('introduction:' || $1, 'introduction', 'a@example.com', 's', now())",
        ORGANISATION,
    )
    told = await system.egpay("reconcile", "--introduce", "--reason", "x", "--json")
    assert told.json["accounts"] == []


@pytest.mark.parametrize(
    "who",
    [
        ORGANISATION,
        ACCOUNT.admin.id,
        ACCOUNT.admin.email,
        f" {ACCOUNT.admin.email.upper()} ",
        ACCOUNT.organisation.name.upper(),
    ],
)
async def test_an_account_is_found_by_what_an_operator_knows_of_it(system: OperatorSystem, who: str) -> None:
    await opened(system, adopted=False)
    told = await system.egpay(
        "account", "resend-introduction", who, "--reason", "the letter was lost", "--json"
    )
    assert (told.json["subject"], told.json["new"]) == (ORGANISATION, True)
    await folded(system)
    [command] = await requests(system)
    assert command.id == f"introduction:{ORGANISATION}:{told.json['key']}"


async def test_one_letter_leaves_within_ten_minutes_unless_one_more_is_asked_for(
    system: OperatorSystem,
) -> None:
    await opened(system)
    arguments = ("account", "resend-introduction", ORGANISATION, "--reason", "x")
    told = await asyncio.gather(*(system.egpay(*arguments, expect=None) for _ in range(3)))
    assert sorted(one.code for one in told) == [0, 1, 1]
    await folded(system)
    assert len(await requests(system)) == 1
    await system.ask("UPDATE operator_acts SET at = at - interval '11 minutes'")
    refused = await system.egpay(*arguments, expect=1)
    assert "within the last ten minutes" in refused.err
    await system.egpay(*arguments, "--again")
    await folded(system)
    first, second = await requests(system)
    assert first.id != second.id
    await system.ask("UPDATE operator_acts SET at = at - interval '11 minutes'")
    await system.ask("UPDATE timeline SET at = at - interval '11 minutes'")
    await system.egpay(*arguments)
    await folded(system)
    assert len(await requests(system)) == 3


async def test_the_link_of_before_ends_with_the_decision(system: OperatorSystem) -> None:
    await opened(system)
    invitation = Invitation(
        token_hash=b"1" * 32, user_id=ACCOUNT.admin.id, expires_at=utc_now() + timedelta(days=9)
    )
    async with system.storage.begin() as uow:
        await uow.invitations.issue(invitation)
    await system.egpay("account", "resend-introduction", ORGANISATION, "--reason", "x")
    await folded(system)
    assert await system.ask("SELECT 1 FROM invitations WHERE expires_at > now()") == []


async def test_an_unknown_name_is_refused_and_a_missing_reason_is_wrong_usage(system: OperatorSystem) -> None:
    told = await system.egpay(
        "account", "resend-introduction", "nobody@example.com", "--reason", "x", expect=1
    )
    assert "there is no such account" in told.err
    assert "nobody@" not in told.err
    await system.egpay("account", "resend-introduction", ORGANISATION, expect=2)
    await system.egpay("reconcile", "--introduce", expect=2)
    await system.egpay("reconcile", "--dry-run", expect=2)


async def test_an_admin_who_has_entered_is_not_invited_again(system: OperatorSystem) -> None:
    await opened(system)
    await system.ask("UPDATE users SET status = 'active'")
    told = await system.egpay("account", "resend-introduction", ORGANISATION, "--reason", "x", expect=1)
    assert "its admin has entered already" in told.err
    assert await system.ask("SELECT 1 FROM operator_acts") == []

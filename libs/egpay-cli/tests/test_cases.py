import asyncio
from datetime import timedelta
from typing import Any

import asyncpg
import msgspec
import pytest
from operator_system import EgpayCommand, OperatorSystem, until

from billing_worker.inbound.fold_batch import fold
from egpay.adapters.postgres.connection import advisory_locks
from egpay.adapters.postgres.schema.migrate import upgrade
from egpay.adapters.system.clock import utc_now
from egpay.adapters.wire import read_event
from egpay.domain.case import Case, CaseCloser, CaseKind, CaseParty
from egpay.domain.sale import Sale
from egpay.domain.subscription import SubscriptionReport, SubscriptionStatus
from egpay.domain.values import SubscriptionId
from egpay.testing.builders import (
    account,
    invoice_paid,
    moment,
    order,
    sale,
    subscription,
    subscription_changed,
)
from egpay.testing.folds import writing

HOUR = timedelta(hours=1)


async def sold(system: OperatorSystem, **changes: Any) -> Sale:
    placed = order(**changes)
    opened = sale(placed)
    async with system.storage.begin() as uow:
        await uow.sales.add(opened, placed)
    return opened


async def opened(system: OperatorSystem, subject: str, **facts: Any) -> Case:
    given = {
        "kind": CaseKind.RETURN,
        "what": "the money of 166.00 EUR went back after the devices had left",
        "todo": "ask the buyer for the devices",
        "opened_at": utc_now() - HOUR,
        **facts,
    }
    case = Case(id=f"{given['kind'].value}:{subject}", subject=subject, **given)
    await system.storage.apply([subscription_changed("sub_of_nobody")], writing(case))
    return case


async def acted(system: OperatorSystem, *arguments: str) -> None:
    """Runs a command that enters an act, and folds it as a worker does."""
    await system.egpay("cases", *arguments)
    rows = await system.ask(
        "SELECT payload FROM outbox JOIN operator_acts ON key = message_id ORDER BY outbox.id"
    )
    await system.storage.apply([read_event(row["payload"]) for row in rows], fold)


async def stored(system: OperatorSystem, case: Case) -> asyncpg.Record:
    [row] = await system.ask("SELECT * FROM cases WHERE id = $1", case.id)
    return row


async def test_open_cases_are_listed_with_whose_they_are_and_what_to_do(system: OperatorSystem) -> None:
    bought = await sold(system)
    due = utc_now() + 72 * HOUR
    case = await opened(system, bought.id, sale_id=bought.id)
    dispute = await opened(
        system, "in_9", kind=CaseKind.DISPUTE, due_by=due, waits_for=CaseParty.BANK, what="9.00 EUR"
    )
    out = (await system.egpay("cases", "ls")).out
    assert out.index(dispute.id) < out.index(case.id)
    assert f"{bought.organisation} ({bought.id})" in out
    assert "waits for us        the money of 166.00 EUR went back" in out
    assert "ask the buyer for the devices" in out
    assert f"{due:%Y-%m-%d %H:%M}  waits for the bank" in out
    [listed] = (await system.egpay("cases", "ls", "--kind", "return", "--json")).json
    assert (listed["id"], listed["organisation"]) == (case.id, bought.organisation)
    assert (listed["state"], listed["closed_at"]) == ("waits for us", None)


async def test_cases_of_a_sale_are_its_own_and_those_of_the_organisation_it_opened(
    system: OperatorSystem,
) -> None:
    bought, ada = await sold(system), account()
    running = subscription(sale_id=bought.id, organisation_id=ada.organisation.id)
    await system.storage.apply([subscription_changed("sub_x")], writing(ada, running))
    of_sale = await opened(system, bought.id, sale_id=bought.id)
    of_organisation = await opened(system, ada.organisation.id, kind=CaseKind.SECOND_SUBSCRIPTION)
    await opened(system, "sub_other", kind=CaseKind.UNKNOWN_OWNER)
    found = (await system.egpay("cases", "ls", "--sale", bought.id, "--json")).json
    assert {each["id"] for each in found} == {of_sale.id, of_organisation.id}
    assert (await system.egpay("cases", "ls", "--sale", "sale_none")).out == "no case is open\n"


async def test_a_case_that_is_closed_keeps_who_and_why_and_is_listed_only_on_request(
    system: OperatorSystem,
) -> None:
    case = await opened(system, "sale_1", about=("dp_1", "dp_2"))
    await acted(system, "close", case.id, "--reason", "the devices are back")
    row = await stored(system, case)
    assert (row["closed_by"], row["closed_because"]) == ("person", "the devices are back")
    assert (await system.egpay("cases", "ls")).out == "no case is open\n"
    [listed] = (await system.egpay("cases", "ls", "--all", "--json")).json
    assert listed["state"] == "closed by a person: the devices are back"
    shown = (await system.egpay("cases", "show", case.id)).out
    assert ["about", "dp_1,", "dp_2"] in [line.split() for line in shown.splitlines()]
    [line] = (await system.egpay("cases", "show", case.id, "--json")).json["timeline"]
    assert line["kind"] == "case.closed"
    assert line["what"].startswith("return: closed by ")
    assert line["what"].endswith(": the devices are back")
    assert "closed by a person: the devices are back" in (await system.egpay("cases", "show", case.id)).out


async def test_a_case_is_snoozed_until_a_moment_or_for_a_span(system: OperatorSystem) -> None:
    case = await opened(system, "sale_1")
    await acted(system, "snooze", case.id, "--until", "7d", "--reason", "on its way back")
    row = await stored(system, case)
    assert timedelta(0) <= utc_now() + timedelta(days=7) - row["snoozed_until"] < timedelta(minutes=1)
    assert (row["snoozed_because"], row["closed_at"]) == ("on its way back", None)
    assert "snoozed until" in (await system.egpay("cases", "ls")).out
    await acted(system, "snooze", case.id, "--until", "2099-01-01", "--reason", "later")
    weekly = ("cases", "snooze", case.id, "--until", "7d", "--reason", "why", "--key", "ticket-9", "--json")
    assert [(await system.egpay(*weekly)).json["new"] for _ in range(2)] == [True, False]
    other = await system.egpay(*weekly[:4], "8d", *weekly[5:], expect=1)
    assert "key ticket-9 is that of another act" in other.json["error"]["message"]
    assert (await stored(system, case))["snoozed_until"].year == 2099


async def test_a_dry_run_says_what_would_be_and_stores_nothing(system: OperatorSystem) -> None:
    case = await opened(system, "sale_1")
    before = await stored(system, case)
    closing = await system.egpay("cases", "close", case.id, "--reason", "it is back", "--dry-run")
    assert f"case {case.id}  closed_because: - -> it is back" in closing.out
    await system.egpay("cases", "snooze", case.id, "--until", "1d", "--reason", "later", "--dry-run")
    assert await stored(system, case) == before
    assert await system.ask("SELECT 1 FROM timeline") == []


IMPOSSIBLE: dict[tuple[str, ...], int] = {
    ("close", "return:sale_1"): 2,
    ("close", "return:none", "--reason", "why"): 1,
    ("close", "return:sale_1", "--reason", " "): 1,
    ("show", "return:none"): 1,
    ("snooze", "return:sale_1", "--reason", "why"): 2,
    ("snooze", "return:sale_1", "--until", "2020-01-01", "--reason", "why"): 2,
    ("snooze", "return:sale_1", "--until", "soon", "--reason", "why"): 2,
    ("ls", "--kind", "nonsense"): 2,
}


async def test_what_cannot_be_done_changes_nothing(system: OperatorSystem) -> None:
    case = await opened(system, "sale_1")
    before = await stored(system, case)
    for arguments, code in IMPOSSIBLE.items():
        await system.egpay("cases", *arguments, expect=code)
    assert await stored(system, case) == before


async def test_a_closed_case_is_neither_closed_again_nor_snoozed(system: OperatorSystem) -> None:
    case = await opened(system, "sale_1")
    await acted(system, "close", case.id, "--reason", "it is back")
    again = await system.egpay("cases", "close", case.id, "--reason", "twice", "--again", expect=1)
    assert "was closed at" in again.err
    assert ": it is back" in again.err
    await system.egpay("cases", "snooze", case.id, "--until", "1d", "--reason", "twice", expect=1)


async def test_an_act_on_a_case_is_recorded_and_safe_to_repeat(system: OperatorSystem) -> None:
    case = await opened(system, "sale_1", weight=900)
    act = ("close", case.id, "--reason", "it is back", "--key", "ticket-9")
    await acted(system, *act)
    again = (await system.egpay("cases", *act, "--json")).json
    assert (again["key"], again["new"]) == ("ticket-9", False)
    [row] = await system.ask("SELECT kind, subject, why FROM operator_acts")
    assert tuple(row) == ("case_closed", case.id, "it is back")


async def test_a_closing_covers_no_more_than_its_operator_saw(system: OperatorSystem) -> None:
    case = await opened(system, "sale_1", weight=600)
    await system.egpay("cases", "close", case.id, "--reason", "it is back")
    await system.ask("UPDATE cases SET weight = 900")
    [row] = await system.ask("SELECT payload FROM outbox JOIN operator_acts ON key = message_id")
    await system.storage.apply([read_event(row["payload"])], fold)
    assert (await stored(system, case))["closed_at"] is None
    [line] = await system.ask("SELECT what FROM timeline WHERE kind = 'act.refused'")
    assert "stands for more than was seen" in line["what"]


async def two_that_go_on(system: OperatorSystem) -> Case:
    for name in ("1", "2"):
        bought = await sold(system, organisation="Analytical Engines")
        events = (
            subscription_changed(f"sub_{name}", sale_id=bought.id),
            invoice_paid(f"in_{name}", sale_id=bought.id, subscription_id=SubscriptionId(f"sub_{name}")),
        )
        for event in events:
            await system.storage.apply([event], fold)
    [row] = await system.ask("SELECT * FROM cases")
    return msgspec.convert({name: row[name] for name in Case.__struct_fields__}, Case)


async def test_the_worker_leaves_closed_what_a_person_closed_for_the_same_facts(
    system: OperatorSystem,
) -> None:
    case = await two_that_go_on(system)
    assert case.about == ("sub_1", "sub_2")
    await acted(system, "close", case.id, "--reason", "two teams")
    for at, cancel_at in ((5, moment(900)), (9, None)):
        report = SubscriptionReport(status=SubscriptionStatus.ACTIVE, cancel_at=cancel_at)
        event = subscription_changed("sub_1", at=at, report=report)
        await system.storage.apply([event], fold)
    row = await stored(system, case)
    assert (row["closed_by"], row["closed_because"]) == (CaseCloser.PERSON, "two teams")


async def test_a_person_waits_for_the_worker_that_has_the_case_in_hand(system: OperatorSystem) -> None:
    case = await two_that_go_on(system)
    connection = await asyncpg.connect(system.url)
    transaction = connection.transaction()
    await transaction.start()
    [user] = await connection.fetch("SELECT email_key FROM users")
    await connection.execute(advisory_locks.TAKE, [advisory_locks.account(user["email_key"])])
    await connection.execute(
        "UPDATE cases SET closed_at = now(), closed_by = 'rule', closed_because = 'over'"
    )

    refused = system.egpay("cases", "close", case.id, "--reason", "two teams", expect=1)
    waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"

    async def let_it_go() -> None:
        await until(lambda: system.ask(waiting), what="nothing waits for the lock")
        await transaction.commit()
        await connection.close()

    result, _ = await asyncio.gather(refused, let_it_go())
    assert "was closed at" in result.err
    assert (await stored(system, case))["closed_by"] == "rule"


@pytest.fixture
async def doctor(system: OperatorSystem) -> EgpayCommand:
    await upgrade(system.url)
    return system.egpay


def case_checks(result: Any) -> list[tuple[str, str]]:
    return [(one["state"], one["words"]) for one in result.json["checks"] if one["what"] == "cases"]


async def test_the_doctor_says_of_each_kind_which_whose_since_when_and_what_to_do(
    system: OperatorSystem, doctor: EgpayCommand
) -> None:
    bought, since = await sold(system), utc_now() - 25 * HOUR
    for kind in CaseKind:
        await opened(system, bought.id, sale_id=bought.id, kind=kind, opened_at=since, todo=f"mend {kind}")
    checks = case_checks(await doctor("doctor", "--json", expect=1))
    whose = f"of {bought.organisation} ({bought.id}) since {since:%Y-%m-%d %H:%M}: the money of 166.00 EUR went back"
    assert sorted(checks) == sorted(
        (
            "wrong",
            f"{kind.value} {whose} after the devices had left; mend {kind.value} "
            f"(`egpay cases show {kind.value}:{bought.id}`)",
        )
        for kind in CaseKind
    )


async def test_a_case_that_may_wait_is_a_note_and_no_alarm(
    system: OperatorSystem, doctor: EgpayCommand
) -> None:
    old = utc_now() - 100 * HOUR
    await opened(system, "sale_1")
    await opened(system, "in_1", kind=CaseKind.DISPUTE, opened_at=old, due_by=old, waits_for=CaseParty.BANK)
    snoozed = await opened(system, "sale_2", opened_at=old)
    await acted(system, "snooze", snoozed.id, "--until", "1d", "--reason", "on its way")
    assert case_checks(await doctor("doctor", "--json")) == [("note", "3 open, none waits too long")]
    await opened(system, "sale_3", opened_at=utc_now() - 3 * HOUR)
    strict = await doctor("doctor", "--json", expect=1, CASE_ALARM_HOURS="2")
    assert [words.split(" since")[0] for _, words in case_checks(strict)] == ["return of sale_3"]


async def test_what_is_due_within_two_days_is_an_alarm_though_it_is_young_and_snoozed(
    system: OperatorSystem, doctor: EgpayCommand
) -> None:
    due = utc_now() + 47 * HOUR
    case = await opened(system, "in_1", kind=CaseKind.DISPUTE, due_by=due)
    await acted(system, "snooze", case.id, "--until", "7d", "--reason", "evidence is collected")
    [(state, words)] = case_checks(await doctor("doctor", "--json", expect=1))
    assert state == "wrong"
    assert f"due by {due:%Y-%m-%d %H:%M}" in words


async def test_many_alarms_are_counted_behind_the_first_twenty(
    system: OperatorSystem, doctor: EgpayCommand
) -> None:
    for number in range(22):
        await opened(system, f"sale_{number}", opened_at=utc_now() - 30 * HOUR)
    checks = case_checks(await doctor("doctor", "--json", expect=1))
    assert len(checks) == 21
    assert checks[-1] == ("wrong", "and 2 more; `egpay cases ls` lists all")


async def test_no_case_is_a_clean_bill(doctor: EgpayCommand) -> None:
    assert case_checks(await doctor("doctor", "--json")) == [("ok", "none is open")]

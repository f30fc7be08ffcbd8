"""An act is an event: entered once, rehearsed before, folded by the worker, with who and why."""

import asyncio

import msgspec
from operator_system import OperatorSystem, until

from billing_worker.inbound.fold_batch import fold
from egpay.domain.sale import Sale
from egpay.domain.shipment import Progress
from egpay.testing.builders import checkout_completed, order, sale, shipment_reported

REASON = ("--reason", "the buyer asked")


async def sold(system: OperatorSystem, *, paid: bool = False) -> Sale:
    placed = order()
    opened = sale(placed)
    async with system.storage.begin() as uow:
        await uow.sales.add(opened, placed)
    if paid:
        await system.storage.apply([checkout_completed(opened.id)], fold)
    return opened


async def entered(system: OperatorSystem) -> list[str]:
    acts = await system.ask("SELECT key FROM operator_acts ORDER BY at")
    stored = await system.ask(
        "SELECT event_id FROM webhook_events WHERE source = 'operator' ORDER BY received_at"
    )
    sent = await system.ask(
        "SELECT message_id FROM outbox WHERE subject = 'billing.events.sale_cancelled' ORDER BY id"
    )
    keys = [row["key"] for row in acts]
    assert [row["event_id"] for row in stored] == [row["message_id"] for row in sent] == keys
    return keys


async def test_a_sale_is_cancelled_by_an_event_that_says_who_and_why(system: OperatorSystem) -> None:
    bought = await sold(system, paid=True)
    told = await system.egpay("sale", "cancel", bought.id, "--keep-money", *REASON)
    [key] = await entered(system)
    assert key in told.out
    assert f"watch it with `egpay sale show {bought.id}`" in told.out
    async with system.working():
        await until(
            lambda: system.ask("SELECT 1 FROM sales WHERE status = 'cancelled'"), what="it is not cancelled"
        )
    [row] = await system.ask("SELECT status, reason FROM shipments")
    assert tuple(row) == ("cancelled", "the sale was cancelled")
    [line] = await system.ask("SELECT what, cause FROM timeline WHERE kind = 'sale.cancelled'")
    assert (line["what"].endswith(": the buyer asked"), line["cause"]) == (True, key)
    [act] = await system.ask("SELECT kind, subject, sale_id, why, arguments FROM operator_acts")
    assert tuple(act) == ("sale_cancelled", bought.id, bought.id, "the buyer asked", '{"money": "keep"}')
    [message] = await system.ask("SELECT payload FROM outbox WHERE message_id = $1", key)
    assert msgspec.json.decode(message["payload"]).keys() == {
        "type", "id", "occurred_at", "source", "sale_id", "money",
    }  # fmt: skip
    assert await system.letters() == []


async def test_a_dry_run_says_what_would_follow_and_enters_nothing(system: OperatorSystem) -> None:
    bought = await sold(system)
    told = await system.egpay("sale", "cancel", bought.id, *REASON, "--dry-run")
    assert "status: in_progress -> cancelled" in told.out
    assert "command expire_order_page" in told.out
    assert await entered(system) == []


async def test_the_same_key_is_the_same_act_and_never_another(system: OperatorSystem) -> None:
    bought = await sold(system)
    act = ("sale", "cancel", bought.id, "--key", "ticket-7")
    first = (await system.egpay(*act, *REASON, "--json")).json
    second = (await system.egpay(*act, "--reason", "once more", "--json")).json
    assert [first["new"], second["new"]] == [True, False]
    assert await entered(system) == ["ticket-7"]
    other = await system.egpay(*act, "--keep-money", *REASON, expect=1)
    assert "key ticket-7 is that of another act" in other.err


async def test_an_equal_act_within_ten_minutes_is_refused_with_its_key_unless_it_is_one_more(
    system: OperatorSystem,
) -> None:
    bought = await sold(system)
    act = ("sale", "cancel", bought.id, *REASON)
    key = (await system.egpay(*act, "--json")).json["key"]
    refused = await system.egpay(*act, expect=1)
    assert f"--key {key}" in refused.err
    await system.egpay(*act, "--again")
    await system.egpay("sale", "cancel", bought.id, "--keep-money", *REASON)
    await system.ask("UPDATE operator_acts SET at = at - interval '11 minutes'")
    await system.egpay(*act)
    assert len(await entered(system)) == 4


async def test_of_two_equal_acts_at_once_one_is_entered(system: OperatorSystem) -> None:
    bought = await sold(system)
    act = ("sale", "cancel", bought.id, *REASON)
    told = await asyncio.gather(*(system.egpay(*act, expect=None) for _ in range(2)))
    assert sorted(one.code for one in told) == [0, 1]
    assert len(await entered(system)) == 1


async def test_what_cannot_be_done_is_refused_with_what_to_do_and_enters_nothing(
    system: OperatorSystem,
) -> None:
    bought = await sold(system, paid=True)
    for arguments, code, words in (
        ((bought.id, *REASON), 1, "say what becomes of the money, --refund or --keep-money"),
        (("sale_none", *REASON), 1, "there is no sale sale_none"),
        ((bought.id, "--reason", " "), 1, "an act needs a reason"),
        ((bought.id,), 2, "--reason"),
        ((bought.id, "--key", "evt_1", *REASON), 1, "does not begin with evt_"),
        ((bought.id, "--key", "a b", *REASON), 1, "a key has at most"),
    ):
        told = await system.egpay("sale", "cancel", *arguments, expect=code)
        assert words in " ".join(told.err.split()), told
    await system.storage.apply([shipment_reported(bought.id, Progress.SHIPPED)], fold)
    left = await system.egpay("sale", "cancel", bought.id, "--keep-money", *REASON, expect=1)
    assert "its devices have left" in left.err
    assert "asked by" not in left.err
    assert await entered(system) == []


async def test_an_act_is_replayed_like_any_event(system: OperatorSystem) -> None:
    bought = await sold(system)
    key = (await system.egpay("sale", "cancel", bought.id, *REASON, "--json")).json["key"]
    shown = await system.egpay("events", "replay", key, "--dry-run")
    assert "status: in_progress -> cancelled" in shown.out
    replayed = (await system.egpay("events", "replay", key, "--json")).json
    assert replayed["message_id"] == f"{key}:replay:1"


async def test_an_act_is_found_by_its_key_and_leads_to_its_sale(system: OperatorSystem) -> None:
    bought = await sold(system)
    await system.egpay("sale", "cancel", bought.id, "--key", "ticket-7", *REASON)
    found = (await system.egpay("find", "ticket-7", "--json")).json
    assert (found["hits"][0]["what"], found["hits"][0]["sale_id"]) == ("act of an operator", bought.id)
    steps = (await system.egpay("sale", "show", bought.id, "--json")).json["timeline"]
    assert any(step["kind"].startswith("act.") for step in steps if step["cause"] == "ticket-7")

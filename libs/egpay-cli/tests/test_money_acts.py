"""Refunds and ends by the operator's command: once, never more than is left, and with a word for what cannot be."""

import asyncio
from typing import Any

import msgspec
from operator_system import OperatorSystem, until

from billing_worker.inbound.fold_batch import fold
from egpay.adapters.postgres.books import PostgresBooks
from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.wire import read_event
from egpay.domain.events import RefundReported, Source
from egpay.domain.refunds import RefundStatus
from egpay.domain.sale import Sale
from egpay.domain.values import InvoiceId, MessageId, PaymentIntentId, SubscriptionId
from egpay.testing.builders import (
    checkout_completed,
    invoice_paid,
    moment,
    order,
    sale,
    subscription_changed,
)

REASON = ("--reason", "the buyer asked")
REFUNDS = "SELECT payload FROM outbox WHERE subject = 'billing.commands.refund_payment' ORDER BY id"


async def bought(system: OperatorSystem, *, number: int = 1, paid: bool = True) -> Sale:
    """A sale of three sensors for 49.00 and a plan for 19.00, paid and running."""
    placed = order()
    opened = sale(placed)
    async with system.storage.begin() as uow:
        await uow.sales.add(opened, placed)
    if paid:
        running = SubscriptionId(f"sub_{number}")
        intent = PaymentIntentId(f"pi_{number}")
        await system.storage.apply(
            [
                checkout_completed(opened.id, payment_intent_id=intent, subscription_id=running),
                subscription_changed(running, sale_id=opened.id),
            ],
            fold,
        )
    return opened


async def commands(system: OperatorSystem, subject: str = "refund_payment") -> list[dict[str, Any]]:
    query = f"SELECT payload FROM outbox WHERE subject = 'billing.commands.{subject}' ORDER BY id"  # noqa: S608
    return [msgspec.json.decode(row["payload"]) for row in await system.ask(query)]


async def test_a_refund_by_line_is_asked_of_stripe_and_shortens_the_parcel(system: OperatorSystem) -> None:
    of = await bought(system)
    told = (await system.egpay("sale", "refund", of.id, "--line", "sensor=1", *REASON, "--json")).json
    async with system.working():
        await until(lambda: system.ask(REFUNDS), what="no refund is asked for")
    [command] = await commands(system)
    assert command == {
        "type": "refund_payment",
        "id": f"refund:{told['key']}",
        "occurred_at": command["occurred_at"],
        "source": "operator",
        "sale_id": of.id,
        "act": told["key"],
        "payment_id": of.id,
        "amount": 4_900,
        "currency": "eur",
        "payment_intent_id": "pi_1",
    }
    [row] = await system.ask("SELECT items FROM shipments")
    assert msgspec.json.decode(row["items"]) == {"sensor": 2}
    [row] = await system.ask("SELECT refund_requests FROM payments")
    asked = msgspec.json.decode(row["refund_requests"])[told["key"]]
    assert (asked["amount"], asked["lines"], asked["refusal"]) == (4_900, {"sensor": 1}, None)
    [line] = await system.ask("SELECT what FROM timeline WHERE kind = 'refund.requested'")
    assert line["what"].startswith(f"49.00 EUR of payment {of.id} to be given back for 1 sensor by ")
    assert await system.letters() == []


async def test_a_refund_that_stripe_was_asked_for_is_not_done_until_its_own_event_says_so(
    system: OperatorSystem,
) -> None:
    of = await bought(system)
    told = await system.egpay(
        "sale", "refund", of.id, "--amount", "5", "--goodwill", *REASON, "--key", "ticket-8"
    )
    assert "ticket-8  is entered" in told.out
    [row] = await system.ask("SELECT payload FROM outbox WHERE message_id = 'ticket-8'")
    await system.storage.apply([read_event(row["payload"])], fold)

    async def pending() -> list[tuple[str, str, str]]:
        shown = (await system.egpay("sale", "show", of.id, "--json")).json["pending"]
        return [(one["what"], one["id"], one["state"]) for one in shown if "refund" in one["what"]]

    assert await pending() == [("refund_payment", "refund:ticket-8", "waits for the broker")]
    await system.ask("INSERT INTO processed_messages (message_id) VALUES ('refund:ticket-8')")
    assert await pending() == [("refund", "ticket-8", "waits for Stripe")]
    made = RefundReported(
        id=MessageId("evt_made"),
        occurred_at=moment(90),
        source=Source.STRIPE,
        sale_id=of.id,
        payment_intent_id=PaymentIntentId("pi_1"),
        refund_id="re_1",
        status=RefundStatus.SUCCEEDED,
        amount=500,
        currency="eur",
        act=MessageId("ticket-8"),
    )
    await system.storage.apply([made], fold)
    assert await pending() == []


async def test_a_refund_under_the_same_key_is_the_same_refund(system: OperatorSystem) -> None:
    of = await bought(system)
    act = ("sale", "refund", of.id, "--line", "sensor=1", *REASON)
    first = (await system.egpay(*act, "--key", "ticket-7", "--json")).json
    await system.ask("UPDATE payments SET invoice_id = 'in_1'")
    second = (await system.egpay(*act, "--key", "ticket-7", "--json")).json
    assert [first["new"], second["new"]] == [True, False]
    equal = await system.egpay(*act, expect=1)
    assert "repeat that one with --key ticket-7" in " ".join(equal.err.split())
    other = await system.egpay(
        "sale", "refund", of.id, "--line", "sensor=2", *REASON, "--key", "ticket-7", expect=1
    )
    assert "key ticket-7 is that of another act" in other.err


async def test_a_dry_run_of_a_refund_says_what_would_be_asked_and_enters_nothing(
    system: OperatorSystem,
) -> None:
    of = await bought(system)
    told = await system.egpay("sale", "refund", "pi_1", "--amount", "12.50", *REASON, "--dry-run")
    assert "command refund_payment" in told.out
    assert f"12.50 EUR of payment {of.id} to be given back" in told.out
    assert await system.ask("SELECT 1 FROM operator_acts") == []


async def test_a_refund_that_cannot_be_is_refused_in_words(system: OperatorSystem) -> None:
    of, unpaid = await bought(system), await bought(system, paid=False)
    for arguments, code, words in (
        ((of.id, "--amount", "12.505"), 1, "EUR has 2 digits behind the point"),
        ((of.id, "--amount", "-1"), 1, "'-1' is no amount; write it like 12.00"),
        ((of.id, "--amount", "200"), 1, "200.00 EUR is more than the 166.00 EUR left"),
        ((of.id, "--amount", "1", "--line", "sensor=1"), 2, "not both"),
        ((of.id, "--goodwill"), 2, "needs an --amount or a --line"),
        ((of.id, "--line", "sensor"), 2, "is no product with a quantity"),
        ((of.id, "--line", "sensor=1", "--line", "sensor=1"), 2, "sensor is named twice"),
        ((of.id, "--line", "sensor=4"), 1, "4 sensor cannot go back: 3 of 3 are left"),
        ((of.id, "--line", "lamp=1"), 1, "the order has no lamp; it has monitoring, sensor"),
        ((unpaid.id,), 1, "nothing was paid for sale"),
        (("sale_none",), 1, "there is no sale, invoice or payment intent sale_none"),
    ):
        told = await system.egpay("sale", "refund", *arguments, *REASON, expect=code)
        assert words in " ".join(told.err.split()), told
    assert await system.ask("SELECT 1 FROM operator_acts") == []


async def test_of_a_sale_that_was_paid_twice_the_payment_is_to_be_named(system: OperatorSystem) -> None:
    of = await bought(system)
    paid = {
        "occurred_at": moment(60),
        "invoice_id": InvoiceId("in_2"),
        "payment_intent_id": PaymentIntentId("pi_2"),
    }
    again = msgspec.structs.replace(invoice_paid("in_2", initial=True, sale_id=of.id), **paid)
    await system.storage.apply([again], fold)
    told = await system.egpay("sale", "refund", of.id, *REASON, expect=1)
    assert "was paid twice; name the payment to give back: pi_1 or pi_2" in " ".join(told.err.split()), told
    content = (await system.egpay("sale", "refund", "pi_2", *REASON, "--dry-run", "--json")).json
    [command] = content["commands"]
    assert (command["payment_id"], command["payment_intent_id"]) == ("in_2", "pi_2")


async def test_of_two_persons_at_once_one_refunds_and_the_other_is_told(system: OperatorSystem) -> None:
    of = await bought(system)
    told = await asyncio.gather(
        *(system.egpay("sale", "refund", of.id, "--key", key, *REASON) for key in ("mine", "yours"))
    )
    assert [one.code for one in told] == [0, 0]
    rows = await system.ask("SELECT payload FROM outbox WHERE subject = 'billing.events.refund_requested'")
    events = [read_event(row["payload"]) for row in rows]
    async with (
        create_pool(system.url, name="one worker", size=1) as one,
        create_pool(system.url, name="another", size=1) as another,
    ):
        books = (PostgresBooks(one), PostgresBooks(another))
        await asyncio.gather(
            *(each.apply([event], fold, payloads=None) for each, event in zip(books, events, strict=True))
        )
    [command] = await commands(system)
    assert (command["amount"], command["act"] in ("mine", "yours")) == (16_600, True)
    [line] = await system.ask("SELECT what FROM timeline WHERE kind = 'act.refused'")
    assert line["what"].startswith(
        "nothing is left to give back: 166.00 EUR paid, 0.00 EUR gone, 166.00 EUR asked"
    )
    assert await system.letters() == []


async def test_a_subscription_is_ended_by_the_e_mail_of_its_owner(system: OperatorSystem) -> None:
    await bought(system)
    for arguments, code, words in (
        (("ada@example.com",), 2, "say either --now or --period-end"),
        (("stranger@example.com", "--now"), 1, "there is no such subscription"),
        (("sub_none", "--now"), 1, "there is no such subscription"),
    ):
        refused = await system.egpay("subscription", "end", *arguments, *REASON, expect=code)
        assert words in " ".join(refused.err.split()), refused
    act = ("subscription", "end", "Ada@Example.com", "--period-end", *REASON, "--key", "ticket-5", "--json")
    told = await system.egpay(*act)
    async with system.working():
        await until(lambda: commands(system, "end_subscription"), what="no end is asked for")
    [command] = await commands(system, "end_subscription")
    assert (command["id"], command["at_period_end"]) == (f"end:sub_1:{told.json['key']}", True)
    assert command["act"] == told.json["key"]
    await system.ask("UPDATE subscriptions SET status = 'canceled'")
    assert [(await system.egpay(*act)).json["new"], told.json["new"]] == [False, True]


async def test_an_e_mail_with_several_subscriptions_is_asked_which_one(system: OperatorSystem) -> None:
    await bought(system)
    await bought(system, number=2)
    told = await system.egpay("subscription", "end", "ada@example.com", "--now", *REASON, expect=1)
    assert "take the id of one: sub_1 (active), sub_2 (active)" in " ".join(told.err.split())

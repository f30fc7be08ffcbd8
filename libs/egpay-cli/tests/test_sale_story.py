from datetime import timedelta

import msgspec
from operator_system import OperatorSystem, until

from egpay.adapters.stripe.inbound.translation import translate
from egpay.adapters.system.clock import utc_now
from egpay.ports.inbox import Receipt
from egpay.testing.builders import order, sale
from egpay.testing.stripe_events import event as stripe_event
from egpay.testing.stripe_objects import Generation, invoice, session, subscription


def told(kind: str, content: dict[str, object], event_id: str, *, age: timedelta = timedelta(0)) -> Receipt:
    now = utc_now()
    body = stripe_event(kind, content, event_id=event_id, created=int((now - age).timestamp()))
    return translate(body, live=False, at=now)


async def test_the_story_of_a_sale_holds_everything_that_concerned_it_with_its_cause(
    system: OperatorSystem,
) -> None:
    placed = order()
    opened = msgspec.structs.replace(sale(placed), created_at=utc_now() - timedelta(hours=3))
    async with system.storage.begin() as uow:
        await uow.sales.add(opened, placed)
    ours, endive = opened.id, Generation.ENDIVE
    twice = told("checkout.session.completed", session(endive, sale_id=ours), "evt_twice")
    late = told(
        "customer.subscription.created",
        subscription(endive, sale_id=ours),
        "evt_late",
        age=timedelta(hours=2),
    )
    paid = told("invoice.paid", invoice(endive, sale_id=ours), "evt_money")
    ignored = told("customer.subscription.trial_will_end", subscription(endive, sale_id=ours), "evt_ignored")
    odd = told(
        "customer.subscription.updated", subscription(endive, sale_id=ours, status="hovering"), "evt_odd"
    )
    foreign = told("customer.subscription.trial_will_end", {"id": "sub_other"}, "evt_foreign")
    async with system.working():
        await system.storage.inbox.record_many([twice, late, paid, ignored, odd, foreign])
        await system.storage.inbox.record_many([twice])
        await until(lambda: system.ask("SELECT 1 FROM users"), what="nothing was worked on")

        async def decided() -> bool:
            return len(await system.ask("SELECT 1 FROM outbox WHERE subject LIKE 'billing.commands.%'")) >= 2

        await until(decided, what="no commands")

    steps = (await system.egpay("sale", "show", ours, "--json")).json["timeline"]
    by_cause: dict[str, list[str]] = {}
    for step in steps:
        by_cause.setdefault(step["cause"], []).append(f"{step['kind']} {step['what']}")
    assert "webhook.checkout.session.completed stripe accepted" in by_cause["evt_twice"]
    assert "webhook.checkout.session.completed stripe duplicate, delivered 2 times" in by_cause["evt_twice"]
    assert any("late by 02:0" in what for what in by_cause["evt_late"])
    assert any("stripe ignored: " in what for what in by_cause["evt_ignored"])
    assert any("stripe parked: " in what for what in by_cause["evt_odd"])
    assert any(what.startswith("dead_letter.inbox number ") for what in by_cause["evt_odd"])
    assert "evt_foreign" not in by_cause
    commands = {step["kind"]: step["cause"] for step in steps if step["kind"].startswith("command.")}
    assert set(commands) >= {"command.ship_devices", "command.send_introduction"}
    assert set(commands.values()) <= {"evt_twice", "evt_late", "evt_money"}
    assert [step["at"] for step in steps] == sorted(step["at"] for step in steps)
    assert "example.com" not in (await system.egpay("sale", "show", ours)).out
    await system.egpay("sale", "show", "sale_none", expect=1)

"""Acts on devices: sent again, held, released and sent elsewhere, by what an operator can see of the sale."""

from typing import Any

import msgspec
from operator_system import OperatorSystem

from billing_worker.inbound.fold_batch import fold
from egpay.adapters.wire import read_event
from egpay.domain.events import ActBase
from egpay.domain.sale import Sale
from egpay.domain.shipment import Progress
from egpay.domain.values import Address, PaymentIntentId
from egpay.testing.builders import checkout_completed, order, payment_refunded, sale, shipment_reported

REASON = ("--reason", "the buyer asked")
ADDRESS = Address(line1="1 Quay", line2="Rear", city="Cork", postal_code="T12 XE80", country="IE")


async def bought(system: OperatorSystem) -> Sale:
    placed = order(shipping_address=ADDRESS)
    opened = sale(placed)
    async with system.storage.begin() as uow:
        await uow.sales.add(opened, placed)
    paid = checkout_completed(opened.id, payment_intent_id=PaymentIntentId("pi_1"))
    await system.storage.apply([paid], fold)
    return opened


async def fold_acts(system: OperatorSystem) -> list[ActBase]:
    """Folds the acts that were entered, as a worker does; returns the newest first."""
    rows = await system.ask(
        "SELECT payload FROM outbox JOIN operator_acts ON key = message_id ORDER BY at DESC, outbox.id DESC"
    )
    events = [read_event(row["payload"]) for row in rows]
    await system.storage.apply(list(reversed(events)), fold)
    return [event for event in events if isinstance(event, ActBase)]


async def shipment(system: OperatorSystem) -> tuple[str, str | None]:
    [row] = await system.ask("SELECT status, reason FROM shipments")
    return row["status"], row["reason"]


async def instructions(system: OperatorSystem) -> list[str]:
    rows = await system.ask("SELECT message_id FROM outbox WHERE subject LIKE '%_shipment' ORDER BY id")
    return [row["message_id"] for row in rows]


async def test_devices_are_held_and_released_by_hand(system: OperatorSystem) -> None:
    one = await bought(system)
    await system.egpay("sale", "hold", one.id, *REASON)
    await fold_acts(system)
    assert await shipment(system) == ("held", "an operator holds it")
    await system.egpay("sale", "release", one.id, *REASON)
    await fold_acts(system)
    assert await shipment(system) == ("requested", None)
    refused = await system.egpay("sale", "release", one.id, "--reason", "once more", "--again", expect=1)
    assert "nothing holds its devices" in refused.err


async def test_a_release_covers_what_had_gone_back_when_it_was_entered(system: OperatorSystem) -> None:
    one = await bought(system)
    part: dict[str, Any] = {"amount_refunded": 600, "in_full": False, "sale_id": one.id}
    await system.storage.apply([payment_refunded("pi_1", **part)], fold)
    assert (await shipment(system))[0] == "held"
    shown = (await system.egpay("sale", "release", one.id, *REASON, "--dry-run", "--json")).json
    assert (shown["dry_run"], shown["key"][:4], len(shown["commands"])) == (True, "act_", 1)
    await system.egpay("sale", "release", one.id, *REASON)
    await system.storage.apply([payment_refunded("pi_1", **{**part, "amount_refunded": 900})], fold)
    await fold_acts(system)
    assert await shipment(system) == ("held", "a part of the money went back")


async def test_what_came_back_is_sent_again_once(system: OperatorSystem) -> None:
    one = await bought(system)
    refused = await system.egpay("sale", "ship-again", one.id, *REASON, expect=1)
    assert "nothing to send again" in refused.err
    reports = [
        shipment_reported(one.id, Progress.SHIPPED),
        shipment_reported(one.id, Progress.RETURNED, at=9),
    ]
    await system.storage.apply(reports, fold)
    for _ in range(2):
        await system.egpay("sale", "ship-again", one.id, "--again", *REASON)
    first, second = await fold_acts(system)
    assert (first.id != second.id, await shipment(system)) == (True, ("requested", None))
    [line] = await system.ask("SELECT what FROM timeline WHERE kind = 'act.refused'")
    assert "were sent again already: attempt 2" in line["what"]
    assert await system.ask("SELECT 1 FROM outbox WHERE message_id = $1", f"ship:{one.id}:2")
    assert await system.letters() == []


async def test_a_corrected_address_is_checked_as_an_orders_is_and_stays_in_the_database(
    system: OperatorSystem,
) -> None:
    one = await bought(system)
    wrong = await system.egpay("sale", "correct-address", one.id, "--postal-code", "99", *REASON, expect=1)
    assert "postal_code" in wrong.err
    await system.egpay("sale", "correct-address", one.id, "--line1", " 2 Quay", "--line2", "", *REASON)
    [act] = await fold_acts(system)
    assert msgspec.structs.asdict(act).keys() == {
        "id", "occurred_at", "source", "sale_id", "installation", "v",
    }  # fmt: skip
    [row] = await system.ask("SELECT corrected_address::text, shipping_address::text FROM sales")
    corrected = msgspec.json.decode(row[0])["address"]
    assert msgspec.convert(corrected, Address) == Address(
        line1="2 Quay", city="Cork", postal_code="T12 XE80", country="IE"
    )
    assert msgspec.convert(msgspec.json.decode(row[1]), Address) == ADDRESS
    assert await instructions(system) == [f"change:{one.id}:2"]
    spread = await system.ask("SELECT 1 FROM outbox WHERE position('Quay' IN encode(payload, 'escape')) > 0")
    told = await system.ask("SELECT 1 FROM timeline WHERE what LIKE '%Quay%'")
    assert (spread, told) == ([], [])


async def test_a_second_correction_keeps_the_first_that_no_worker_has_seen_yet(
    system: OperatorSystem,
) -> None:
    one = await bought(system)
    await system.egpay("sale", "correct-address", one.id, "--line1", "2 Quay", *REASON)
    await system.egpay("sale", "correct-address", one.id, "--line2", "Attic", *REASON)
    await fold_acts(system)
    [row] = await system.ask("SELECT corrected_address::text FROM sales")
    assert msgspec.convert(msgspec.json.decode(row[0])["address"], Address) == Address(
        line1="2 Quay", line2="Attic", city="Cork", postal_code="T12 XE80", country="IE"
    )


async def test_a_dry_run_shows_no_address(system: OperatorSystem) -> None:
    one = await bought(system)
    shown = await system.egpay("sale", "correct-address", one.id, "--line1", "2 Quay", *REASON, "--dry-run")
    assert "corrected_address.address" in shown.out
    assert "Quay" not in shown.out


async def test_what_has_left_is_neither_held_nor_sent_elsewhere(system: OperatorSystem) -> None:
    one = await bought(system)
    await system.storage.apply([shipment_reported(one.id, Progress.SHIPPED)], fold)
    for act in (("hold", one.id), ("release", one.id), ("correct-address", one.id, "--line1", "2 Quay")):
        refused = await system.egpay("sale", *act, *REASON, expect=1)
        assert "its devices have left" in refused.err
    assert await system.ask("SELECT 1 FROM operator_acts") == []

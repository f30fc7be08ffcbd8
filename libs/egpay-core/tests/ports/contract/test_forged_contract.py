"""Forged messages, over memory and PostgreSQL alike: what the outbox does not hold claims and changes nothing."""

import msgspec

from egpay.adapters import wire
from egpay.domain.books import Records
from egpay.domain.events import BillingEvent
from egpay.domain.values import MessageId, SaleId
from egpay.ports.books import BatchResult
from egpay.testing.builders import receipt, subscription, subscription_changed
from egpay.testing.folds import Watching, writing
from egpay.testing.storage import Storage


def payloads(*events: BillingEvent) -> list[bytes]:
    return [wire.event_message(event).payload for event in events]


async def received(storage: Storage, *events: BillingEvent) -> Watching:
    watching = Watching()
    await storage.books.apply(events, watching, payloads=payloads(*events))
    return watching


async def test_what_the_outbox_holds_is_worked_on(storage: Storage) -> None:
    event = subscription_changed()
    await storage.inbox.record_many([receipt(event)])
    assert (await received(storage, event)).events == [event]


async def test_an_id_that_was_never_stored_is_forged_and_claims_nothing(storage: Storage) -> None:
    event = subscription_changed()
    applied = await storage.books.apply([event], writing(subscription()), payloads=payloads(event))
    assert applied == BatchResult(forged=(0,))
    await storage.inbox.record_many([receipt(event)])
    assert (await received(storage, event)).loaded == Records()


async def test_another_payload_under_a_true_id_is_forged_and_swallows_nothing(storage: Storage) -> None:
    true = subscription_changed("sub_1")
    false = msgspec.structs.replace(true, sale_id=SaleId("sale_other"))
    await storage.inbox.record_many([receipt(true)])
    watching = Watching()
    applied = await storage.books.apply([false, true, false], watching, payloads=payloads(false, true, false))
    assert applied == BatchResult(done=1, forged=(0, 2))
    assert watching.events == [true]
    again = await storage.books.apply([false, true], watching, payloads=payloads(false, true))
    assert again == BatchResult(seen=1, forged=(0,))


async def test_the_same_event_written_with_other_bytes_is_forged(storage: Storage) -> None:
    event = subscription_changed()
    await storage.inbox.record_many([receipt(event)])
    padded = payloads(event)[0] + b" "
    assert await storage.books.apply([event], Watching(), payloads=[padded]) == BatchResult(forged=(0,))


async def test_an_id_that_no_database_can_store_is_forged_amid_true_ones(storage: Storage) -> None:
    true = subscription_changed("sub_1")
    odd = msgspec.structs.replace(subscription_changed("sub_2"), id=MessageId("evt_\x00"))
    await storage.inbox.record_many([receipt(true)])
    applied = await storage.books.apply([odd, true], Watching(), payloads=payloads(odd, true))
    assert applied == BatchResult(done=1, forged=(0,))


async def test_a_command_is_looked_up_by_id_and_payload(storage: Storage) -> None:
    event = subscription_changed()
    await storage.inbox.record_many([receipt(event)])
    [payload] = payloads(event)
    assert await storage.published.holds(event.id, payload)
    assert not await storage.published.holds(event.id, payload + b" ")
    assert not await storage.published.holds(MessageId("evt_never"), payload)
    assert not await storage.published.holds(MessageId("evt_\x00"), payload)

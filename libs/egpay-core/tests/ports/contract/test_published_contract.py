"""What was published and what was worked on, over memory and PostgreSQL alike."""

from collections.abc import Sequence
from datetime import timedelta

from egpay.adapters.system.clock import utc_now
from egpay.domain.commands import ShipDevices
from egpay.domain.events import Source
from egpay.domain.values import MessageId, SaleId
from egpay.ports.dead_letters import DeadLetter
from egpay.ports.outbox import OutboxMessage
from egpay.testing.builders import moment, receipt, subscription_changed
from egpay.testing.folds import Watching
from egpay.testing.storage import Storage

EVERYTHING = ("*",)
MINUTE = timedelta(minutes=1)


async def publish(_: Sequence[OutboxMessage]) -> None:
    """A broker that takes everything, and loses it."""


async def published(storage: Storage, count: int = 1) -> list[MessageId]:
    events = [subscription_changed(f"sub_{number}") for number in range(count)]
    await storage.inbox.record_many([receipt(event) for event in events])
    await storage.outbox.drain_once(publish)
    return [event.id for event in events]


async def ordered(storage: Storage) -> MessageId:
    ship = ShipDevices(
        id=MessageId("ship:sale_1"), occurred_at=moment(), source=Source.STRIPE, sale_id=SaleId("sale_1")
    )
    async with storage.begin() as uow:
        await uow.commands.put(ship)
    await storage.outbox.drain_once(publish)
    return ship.id


async def unprocessed(storage: Storage, *subjects: str, most: int = 1000) -> list[MessageId]:
    now = utc_now()
    found = await storage.published.unprocessed(
        subjects or EVERYTHING, since=now - MINUTE, until=now + MINUTE, most=most
    )
    return [message.id for message in found]


async def test_what_nobody_worked_on_is_told_oldest_first(storage: Storage) -> None:
    first, second = await published(storage), await published(storage)
    assert await unprocessed(storage) == first + second
    assert await unprocessed(storage, most=1) == first


async def test_it_says_where_it_was_published_when_and_for_which_sale(storage: Storage) -> None:
    await ordered(storage)
    now = utc_now()
    [told] = await storage.published.unprocessed(EVERYTHING, since=now - MINUTE, until=now + MINUTE)
    assert (told.subject, told.sale_id) == ("billing.commands.ship_devices", "sale_1")
    assert abs(told.published_at - now) < MINUTE


async def test_an_event_that_was_claimed_and_a_command_that_was_carried_out_are_worked_on(
    storage: Storage,
) -> None:
    event = subscription_changed()
    await storage.inbox.record_many([receipt(event)])
    await storage.outbox.drain_once(publish)
    command = await ordered(storage)
    await storage.apply([event], Watching())
    assert await unprocessed(storage) == [command]
    for _ in range(2):
        await storage.published.mark_processed(command)
    assert await unprocessed(storage) == []


async def test_what_still_has_to_be_published_is_not_lost(storage: Storage) -> None:
    await storage.inbox.record_many([receipt(subscription_changed())])
    assert await unprocessed(storage) == []


async def test_what_lies_aside_is_left_to_an_operator(storage: Storage) -> None:
    [aside, lost] = await published(storage, 2)
    letter = DeadLetter(
        message_id=aside, subject="billing.events.subscription_changed", payload=b"{}", reason="r"
    )
    await storage.dead_letters.add_many([letter])
    assert await unprocessed(storage) == [lost]


async def test_only_what_was_published_in_between_and_under_these_subjects_is_told(storage: Storage) -> None:
    [event], command = await published(storage), await ordered(storage)
    assert await unprocessed(storage, "billing.events.*") == [event]
    assert await unprocessed(storage, "billing.commands.ship_devices", "billing.commands.hold_shipment") == [
        command
    ]
    assert await unprocessed(storage, "billing.commands.ship-devices", "billing_events.*") == []
    now = utc_now()
    assert await storage.published.unprocessed(EVERYTHING, since=now - 2 * MINUTE, until=now - MINUTE) == []
    assert await storage.published.unprocessed(EVERYTHING, since=now + MINUTE, until=now + 2 * MINUTE) == []


async def test_what_is_published_again_leaves_as_it_was_and_once(storage: Storage) -> None:
    ids = await published(storage, 3)
    await storage.published.publish_again(ids[:2], until=utc_now() + MINUTE)
    left: list[OutboxMessage] = []

    async def keep(messages: Sequence[OutboxMessage]) -> None:
        left.extend(messages)

    assert await storage.outbox.drain_once(keep) == 2
    assert [message.id for message in left] == ids[:2]
    assert left[0].subject == "billing.events.subscription_changed"
    assert await storage.outbox.drain_once(keep) == 0


async def test_what_was_published_since_then_is_not_published_again(storage: Storage) -> None:
    ids = await published(storage)
    await storage.published.publish_again(ids, until=utc_now() - MINUTE)
    assert await storage.outbox.drain_once(publish) == 0

"""Inbox, outbox and dead letters, over memory and PostgreSQL alike."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from egpay.adapters.system.clock import utc_now
from egpay.adapters.wire import read_event
from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.ports.dead_letters import DeadLetter
from egpay.ports.inbox import Disposition
from egpay.ports.outbox import OutboxMessage
from egpay.testing.builders import receipt, subscription_changed
from egpay.testing.storage import Storage


class Published:
    """A broker that keeps what it is given, or fails as it is told; `gate` holds it back while it is closed."""

    def __init__(self) -> None:
        self.messages: list[OutboxMessage] = []
        self.fault: Exception | None = None
        self.asked = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, messages: Sequence[OutboxMessage]) -> None:
        self.asked = True
        await self.gate.wait()
        if self.fault:
            raise self.fault
        self.messages.extend(messages)

    @property
    def ids(self) -> list[str]:
        return [message.id for message in self.messages]


async def wait_in_the_outbox(storage: Storage, count: int) -> list[str]:
    events = [subscription_changed(f"sub_{number}") for number in range(count)][
        ::-1
    ]  # not in the order of their ids
    await storage.inbox.record_many([receipt(event) for event in events])
    return [event.id for event in events]


async def test_a_webhook_is_new_once(storage: Storage) -> None:
    one, two = receipt(subscription_changed()), receipt(subscription_changed())
    assert await storage.inbox.record_many([one]) == {one.event_id}
    assert await storage.inbox.record_many([one, two, two]) == {two.event_id}
    assert await storage.inbox.record_many([one, two]) == frozenset()
    assert await storage.inbox.record_many([]) == frozenset()


async def test_the_same_webhooks_at_many_doors_are_new_at_one_of_them(storage: Storage) -> None:
    receipts = [receipt(subscription_changed(f"sub_{number}")) for number in range(30)]
    doors = [receipts, receipts[::-1], receipts[15:] + receipts[:15], receipts[::2] + receipts[1::2]]
    answers = await asyncio.gather(*(storage.inbox.record_many(batch) for batch in doors))
    assert sorted(key for fresh in answers for key in fresh) == sorted(one.event_id for one in receipts)
    published = Published()
    assert await storage.outbox.drain_once(published) == 30


async def test_an_accepted_webhook_leads_to_its_message_with_its_trace(storage: Storage) -> None:
    event = subscription_changed()
    await storage.inbox.record_many([receipt(event, traceparent="00-1-2-01")])
    published = Published()
    assert await storage.outbox.drain_once(published) == 1
    [message] = published.messages
    assert (message.id, message.subject) == (event.id, "billing.events.subscription_changed")
    assert message.traceparent == "00-1-2-01"
    assert read_event(message.payload) == event


async def test_an_ignored_webhook_leads_to_nothing(storage: Storage) -> None:
    ignored = receipt(subscription_changed(), event=None, disposition=Disposition.IGNORED, reason="not ours")
    assert await storage.inbox.record_many([ignored]) == {ignored.event_id}
    assert await storage.outbox.drain_once(Published()) == 0
    assert await storage.lying_aside() == []


async def test_a_webhook_that_was_not_understood_lies_aside_with_its_body(storage: Storage) -> None:
    parked = receipt(
        subscription_changed(),
        event=None,
        disposition=Disposition.PARKED,
        reason="no status",
        body=b"\xff\x00",
    )
    for _ in range(2):
        await storage.inbox.record_many([parked])
    assert await storage.outbox.drain_once(Published()) == 0
    [letter] = await storage.lying_aside()
    assert (letter.message_id, letter.payload, letter.reason) == (parked.event_id, b"\xff\x00", "no status")
    assert letter.subject == "stripe.subscription_changed"


async def test_messages_leave_oldest_first_and_once(storage: Storage) -> None:
    ids = await wait_in_the_outbox(storage, 5)
    published = Published()
    assert await storage.outbox.drain_once(published, limit=3) == 3
    assert await storage.outbox.drain_once(published, limit=3) == 2
    assert await storage.outbox.drain_once(published, limit=3) == 0
    assert published.ids == ids


async def test_messages_that_could_not_be_published_wait_on(storage: Storage) -> None:
    ids = await wait_in_the_outbox(storage, 2)
    published = Published()
    published.fault = Outage("the broker is away")
    with pytest.raises(Outage, match="the broker is away"):
        await storage.outbox.drain_once(published)
    published.fault = None
    assert await storage.outbox.drain_once(published) == 2
    assert published.ids == ids


async def test_two_who_drain_at_once_take_no_message_twice(storage: Storage) -> None:
    ids = await wait_in_the_outbox(storage, 20)
    slow, fast = Published(), Published()
    slow.gate.clear()
    first = asyncio.create_task(storage.outbox.drain_once(slow, limit=10))
    while await storage.outbox.drain_once(fast, limit=1):
        if len(fast.messages) == 10:
            slow.gate.set()
    drained = await first + len(fast.messages)
    assert drained == 20
    assert sorted(slow.ids + fast.ids) == sorted(ids)


async def test_what_is_recorded_to_publish_is_handed_to_who_recorded_it_in_order(storage: Storage) -> None:
    events = [subscription_changed(f"sub_{number}") for number in range(5)][::-1]
    quiet = receipt(subscription_changed(), event=None, disposition=Disposition.IGNORED, reason="not ours")
    receipts = [quiet, *(receipt(event, traceparent="00-1-2-01") for event in events)]
    await storage.inbox.record_many(receipts[1:2])
    messages = await storage.inbox.record_to_publish([*receipts, receipts[3]], lease=60)
    assert [message.id for message in messages] == [event.id for event in events[1:]]
    assert [read_event(message.payload) for message in messages] == events[1:]
    assert messages[0].traceparent == "00-1-2-01"
    assert await storage.inbox.record_to_publish(receipts, lease=60) == []


async def test_what_is_leased_leaves_with_nobody_else_until_the_lease_is_over(storage: Storage) -> None:
    held, late, free = (receipt(subscription_changed(f"sub_{number}")) for number in range(3))
    await storage.inbox.record_to_publish([held], lease=60)
    await storage.inbox.record_to_publish([late], lease=-1)
    await storage.inbox.record_many([free])
    published = Published()
    assert await storage.outbox.drain_once(published) == 2
    assert published.ids == [late.event_id, free.event_id]


async def test_what_is_marked_as_published_leaves_no_more(storage: Storage) -> None:
    receipts = [receipt(subscription_changed(f"sub_{number}")) for number in range(3)]
    ids = [one.event_id for one in receipts]
    await storage.inbox.record_to_publish(receipts, lease=-1)
    await storage.outbox.mark_published([ids[0], ids[2], MessageId("evt_unknown")])
    published = Published()
    assert await storage.outbox.drain_once(published) == 1
    assert published.ids == ids[1:2]
    await storage.outbox.mark_published([])


async def test_a_mark_that_comes_late_does_not_stop_what_was_put_back_to_be_sent_again(
    storage: Storage,
) -> None:
    one = receipt(subscription_changed())
    await storage.inbox.record_to_publish([one], lease=60)
    await storage.outbox.mark_published([one.event_id])
    await storage.published.publish_again([one.event_id], until=utc_now() + timedelta(minutes=1))
    await storage.outbox.mark_published([one.event_id])
    published = Published()
    assert await storage.outbox.drain_once(published) == 1
    assert published.ids == [one.event_id]


async def test_marking_waits_for_nobody_who_publishes_the_same(storage: Storage) -> None:
    one, other = receipt(subscription_changed("sub_1")), receipt(subscription_changed("sub_2"))
    await storage.inbox.record_to_publish([one, other], lease=-1)
    slow = Published()
    slow.gate.clear()
    taking = asyncio.create_task(storage.outbox.drain_once(slow, limit=1))
    async with asyncio.timeout(5):
        while not slow.asked:
            await asyncio.sleep(0.001)
        await storage.outbox.mark_published([one.event_id, other.event_id])
    slow.gate.set()
    assert await taking == 1
    assert await storage.outbox.drain_once(Published()) == 0


@pytest.mark.parametrize("count", [5, 33, 1500])
async def test_a_batch_may_have_any_size(storage: Storage, count: int) -> None:
    receipts = [receipt(subscription_changed(f"sub_{number}")) for number in range(count)]
    messages = await storage.inbox.record_to_publish(receipts, lease=60)
    assert [message.id for message in messages] == [one.event_id for one in receipts]


async def test_a_message_set_aside_again_takes_the_newest_reason_and_counts_on(storage: Storage) -> None:
    def letter(reason: str, attempts: int) -> DeadLetter:
        return DeadLetter(
            message_id=MessageId("shipment:sale_1"),
            subject="billing.commands.ship_devices",
            payload=b"{}",
            reason=reason,
            trace="line 1",
            attempts=attempts,
        )

    await storage.dead_letters.add_many([letter("Defect: 400", 3)])
    await storage.dead_letters.add_many([letter("Defect: 422", 2)])
    await storage.dead_letters.add_many([])
    assert await storage.lying_aside() == [letter("Defect: 422", 5)]


async def test_what_cannot_be_published_becomes_a_dead_letter_with_the_mark(storage: Storage) -> None:
    ids = await wait_in_the_outbox(storage, 3)

    async def all_but_one(messages: Sequence[OutboxMessage]) -> Sequence[DeadLetter]:
        return [
            DeadLetter(
                message_id=message.id, subject=message.subject, payload=message.payload, reason="too large"
            )
            for message in messages
            if message.id == ids[1]
        ]

    assert await storage.outbox.drain_once(all_but_one) == 3
    assert [letter.message_id for letter in await storage.lying_aside()] == [ids[1]]
    assert await storage.outbox.drain_once(Published()) == 0

"""Group commit: nobody waits for company, nothing is acknowledged before its commit, and nothing waits for ever."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import pytest

from checkout_api.group_commit import GroupCommitWriter
from egpay.domain.errors import Defect, Outage
from egpay.domain.events import Source
from egpay.domain.values import MessageId
from egpay.ports.inbox import Disposition, Receipt
from egpay.ports.outbox import OutboxMessage


class CountingInbox:
    """Counts its commits; holds them while `gate` is closed, and fails as it is told."""

    def __init__(self) -> None:
        self.commits: list[list[MessageId]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.arrived = asyncio.Event()
        self.fault: Exception | None = None
        self.poison: MessageId | None = None
        self.leases: list[float] = []

    async def record_many(self, receipts: Sequence[Receipt]) -> frozenset[MessageId]:
        return frozenset(message.id for message in await self.record_to_publish(receipts, lease=0))

    async def record_to_publish(
        self, receipts: Sequence[Receipt], *, lease: float
    ) -> Sequence[OutboxMessage]:
        self.leases.append(lease)
        self.arrived.set()
        await self.gate.wait()
        if self.fault:
            raise self.fault
        ids = [receipt.event_id for receipt in receipts]
        if self.poison in ids:
            raise ValueError("name of a buyer")
        self.commits.append(ids)
        return [OutboxMessage(id=each, subject="billing.events.x", payload=b"{}") for each in ids]


def _nowhere(_: Sequence[OutboxMessage]) -> None:
    """Leave it to the relay."""


def receipt(name: str) -> Receipt:
    return Receipt(
        source=Source.STRIPE,
        event_id=MessageId(name),
        type="customer.created",
        body=b"{}",
        occurred_at=datetime(2026, 11, 23, tzinfo=UTC),
        disposition=Disposition.IGNORED,
    )


@asynccontextmanager
async def writing(commits: GroupCommitWriter) -> AsyncIterator[asyncio.Task[None]]:
    writer = asyncio.create_task(commits.run())
    try:
        yield writer
    finally:
        writer.cancel()
        with suppress(asyncio.CancelledError):
            await writer


async def test_what_queued_while_a_commit_ran_goes_into_the_next_one() -> None:
    inbox = CountingInbox()
    inbox.gate.clear()
    commits = GroupCommitWriter(inbox, submit=_nowhere)
    async with writing(commits):
        first = asyncio.create_task(commits.store(receipt("evt_0")))
        await inbox.arrived.wait()
        rest = [asyncio.create_task(commits.store(receipt(f"evt_{n}"))) for n in range(1, 51)]
        await asyncio.sleep(0)
        inbox.gate.set()
        await asyncio.gather(first, *rest)
    assert [len(commit) for commit in inbox.commits] == [1, 50]


async def test_a_batch_has_an_upper_size() -> None:
    inbox = CountingInbox()
    commits = GroupCommitWriter(inbox, submit=_nowhere, batch=10)
    waiting = [asyncio.create_task(commits.store(receipt(f"evt_{n}"))) for n in range(25)]
    await asyncio.sleep(0)
    async with writing(commits):
        await asyncio.gather(*waiting)
    assert [len(commit) for commit in inbox.commits] == [10, 10, 5]


async def test_messages_are_handed_over_after_their_commit_with_a_lease_on_them() -> None:
    inbox = CountingInbox()
    handed: list[tuple[int, list[MessageId]]] = []
    commits = GroupCommitWriter(
        inbox,
        lease=1.5,
        submit=lambda messages: handed.append((len(inbox.commits), [each.id for each in messages])),
    )
    async with writing(commits):
        await commits.store(receipt("evt_1"))
    assert handed == [(1, ["evt_1"])]
    assert inbox.leases == [1.5]


async def test_a_failed_commit_is_told_to_everybody_in_it_and_hands_over_nothing() -> None:
    inbox = CountingInbox()
    inbox.fault = Outage("the database is away", retry_after=3)
    handed: list[MessageId] = []
    commits = GroupCommitWriter(inbox, submit=lambda messages: handed.extend(each.id for each in messages))
    waiting = [asyncio.create_task(commits.store(receipt(f"evt_{n}"))) for n in range(3)]
    async with writing(commits):
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        inbox.fault = None
        await commits.store(receipt("evt_later"))
    assert [(type(answer), getattr(answer, "retry_after", None)) for answer in answers] == [(Outage, 3)] * 3
    assert inbox.commits == [["evt_later"]]
    assert handed == ["evt_later"]


async def test_one_that_cannot_be_stored_does_not_cost_its_neighbours() -> None:
    inbox = CountingInbox()
    inbox.poison = MessageId("evt_2")
    commits = GroupCommitWriter(inbox, submit=_nowhere)
    waiting = [asyncio.create_task(commits.store(receipt(f"evt_{n}"))) for n in range(5)]
    async with writing(commits):
        answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(answer) for answer in answers] == [type(None), type(None), Outage, type(None), type(None)]
    assert "buyer" not in str(answers[2])


async def test_a_defect_of_the_store_is_an_outage_for_the_sender() -> None:
    inbox = CountingInbox()
    inbox.fault = Defect("a table is missing")
    commits = GroupCommitWriter(inbox, submit=_nowhere)
    async with writing(commits):
        with pytest.raises(Outage):
            await commits.store(receipt("evt_1"))


async def test_a_full_queue_refuses_at_once() -> None:
    commits = GroupCommitWriter(CountingInbox(), submit=_nowhere, capacity=2)
    waiting = [asyncio.create_task(commits.store(receipt(f"evt_{n}"))) for n in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Outage) as refused:
        await commits.store(receipt("evt_3"))
    assert refused.value.retry_after
    async with writing(commits):
        await asyncio.gather(*waiting)


async def test_nobody_waits_longer_than_the_time_box() -> None:
    inbox = CountingInbox()
    inbox.gate.clear()
    commits = GroupCommitWriter(inbox, submit=_nowhere, patience=0.02)
    async with writing(commits):
        with pytest.raises(Outage, match="too long"):
            await commits.store(receipt("evt_1"))
        inbox.gate.set()
        await commits.store(receipt("evt_2"))
    assert inbox.commits == [["evt_1"], ["evt_2"]]


async def test_a_sender_that_hangs_up_disturbs_nobody() -> None:
    inbox = CountingInbox()
    commits = GroupCommitWriter(inbox, submit=_nowhere)
    gone = asyncio.create_task(commits.store(receipt("evt_gone")))
    stays = asyncio.create_task(commits.store(receipt("evt_stays")))
    await asyncio.sleep(0)
    gone.cancel()
    async with writing(commits):
        await stays
    assert inbox.commits == [["evt_gone", "evt_stays"]]


async def test_who_waits_when_the_writer_is_stopped_is_told_to_come_back() -> None:
    inbox = CountingInbox()
    inbox.gate.clear()
    commits = GroupCommitWriter(inbox, submit=_nowhere)
    async with writing(commits):
        waits = asyncio.create_task(commits.store(receipt("evt_1")))
        await inbox.arrived.wait()
    with pytest.raises(Outage, match="stopping"):
        await waits

"""Requests that wait for a change share one query, are answered with the change, and never pile up."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

from checkout_api.usecases.sale_waiters import SaleWaiters
from egpay.domain.errors import Outage
from egpay.domain.values import SaleId

ONE, TWO = SaleId("sale_1"), SaleId("sale_2")
LONG = 20.0


@dataclass
class CountedVersions:
    """Versions that a test sets; records what each query asked for, and raises `fault` instead of an answer."""

    known: dict[SaleId, int] = field(default_factory=lambda: {ONE: 1, TWO: 1})
    asked: list[set[SaleId]] = field(default_factory=list)
    fault: Exception | None = None

    async def of(self, sales: Collection[SaleId]) -> Mapping[SaleId, int]:
        self.asked.append(set(sales))
        if self.fault:
            raise self.fault
        return {key: self.known[key] for key in sales if key in self.known}


@asynccontextmanager
async def running(waiters: SaleWaiters) -> AsyncIterator[None]:
    task = asyncio.create_task(waiters.run())
    try:
        yield
    finally:
        task.cancel()


async def asked(versions: CountedVersions, times: int) -> None:
    async with asyncio.timeout(5):
        while len(versions.asked) < times:
            await asyncio.sleep(0)


async def test_a_change_is_answered_and_the_others_go_on_waiting() -> None:
    versions = CountedVersions()
    waiters = SaleWaiters(versions, interval=0)
    async with running(waiters):
        first = asyncio.create_task(waiters.changed(ONE, 1, seconds=LONG))
        second = asyncio.create_task(waiters.changed(TWO, 1, seconds=LONG))
        await asked(versions, 2)
        assert not first.done()
        versions.known[ONE] = 2
        async with asyncio.timeout(5):
            await first
        assert not second.done()
        waiters.release()
        await second


async def test_one_query_asks_for_all_who_wait() -> None:
    versions = CountedVersions()
    waiters = SaleWaiters(versions, interval=0)
    waiting = [asyncio.create_task(waiters.changed(key, 1, seconds=LONG)) for key in (ONE, TWO, ONE)]
    await asyncio.sleep(0)
    async with running(waiters):
        await asked(versions, 1)
        assert versions.asked[0] == {ONE, TWO}
        versions.known = {ONE: 5, TWO: 5}
        async with asyncio.timeout(5):
            await asyncio.gather(*waiting)


async def test_two_hundred_who_wait_cost_a_query_a_second_and_one_more_is_answered_at_once() -> None:
    loop, at = asyncio.get_running_loop(), list[float]()

    @dataclass
    class TimedVersions(CountedVersions):
        async def of(self, sales: Collection[SaleId]) -> Mapping[SaleId, int]:
            at.append(loop.time())
            return await CountedVersions.of(self, sales)

    keys = [SaleId(f"sale_{number}") for number in range(200)]
    versions = TimedVersions(known=dict.fromkeys(keys, 1))
    waiters = SaleWaiters(versions)
    async with running(waiters), asyncio.timeout(30):
        waiting = [asyncio.create_task(waiters.changed(key, 1, seconds=LONG)) for key in keys]
        await asyncio.sleep(0)
        before = loop.time()
        await waiters.changed(keys[0], 1, seconds=LONG)
        assert at == []
        while len(at) < 3:
            await asyncio.sleep(0.05)
        assert all(set(keys) == asked for asked in versions.asked)
        assert not any(task.done() for task in waiting)
        versions.known = dict.fromkeys(keys, 2)
        await asyncio.gather(*waiting)
    assert min(later - earlier for earlier, later in pairwise([before, *at])) >= 0.99


async def test_the_database_is_not_asked_while_no_one_waits() -> None:
    versions = CountedVersions()
    async with running(SaleWaiters(versions, interval=0)):
        for _ in range(20):
            await asyncio.sleep(0)
    assert versions.asked == []


async def test_a_wait_ends_with_its_time() -> None:
    waiters = SaleWaiters(CountedVersions(), interval=0)
    async with running(waiters), asyncio.timeout(5):
        await waiters.changed(ONE, 1, seconds=0.01)


async def test_beyond_the_most_that_may_wait_the_answer_comes_at_once() -> None:
    versions = CountedVersions()
    waiters = SaleWaiters(versions, capacity=200)
    waiting = [asyncio.create_task(waiters.changed(ONE, 1, seconds=LONG)) for _ in range(200)]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await waiters.changed(ONE, 1, seconds=LONG)
    assert not any(task.done() for task in waiting)
    waiters.release()
    await asyncio.gather(*waiting)


async def test_a_process_that_stops_answers_all_and_lets_none_wait_any_more() -> None:
    waiters = SaleWaiters(CountedVersions(), interval=0)
    waiting = asyncio.create_task(waiters.changed(ONE, 1, seconds=LONG))
    await asyncio.sleep(0)
    waiters.release()
    async with asyncio.timeout(5):
        await waiting
        await waiters.changed(ONE, 1, seconds=LONG)


async def test_who_comes_during_a_query_waits_for_the_next() -> None:
    arrived, answered = asyncio.Event(), asyncio.Event()

    @dataclass
    class SlowVersions(CountedVersions):
        async def of(self, sales: Collection[SaleId]) -> Mapping[SaleId, int]:
            versions = await CountedVersions.of(self, sales)
            if len(self.asked) == 1:
                arrived.set()
                await answered.wait()
            return versions

    versions = SlowVersions()
    waiters = SaleWaiters(versions, interval=0)
    async with running(waiters), asyncio.timeout(5):
        first = asyncio.create_task(waiters.changed(ONE, 1, seconds=LONG))
        await arrived.wait()
        second = asyncio.create_task(waiters.changed(TWO, 1, seconds=LONG))
        await asyncio.sleep(0)
        answered.set()
        await asked(versions, 3)
        assert not second.done()
        versions.known[TWO] = 2
        await second
        waiters.release()
        await first


async def test_an_outage_ends_no_wait() -> None:
    versions = CountedVersions(fault=Outage("the database is away"))
    waiters = SaleWaiters(versions, interval=0)
    async with running(waiters):
        waiting = asyncio.create_task(waiters.changed(ONE, 1, seconds=LONG))
        await asked(versions, 2)
        assert not waiting.done()
        versions.fault, versions.known[ONE] = None, 2
        async with asyncio.timeout(5):
            await waiting

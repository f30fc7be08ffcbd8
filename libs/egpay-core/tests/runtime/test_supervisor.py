"""A background task that fails comes back by itself, visibly; one that is asked to leave, leaves."""

import asyncio
import logging
from collections.abc import Callable
from itertools import pairwise

import pytest

from egpay.domain.errors import Defect, Outage
from egpay.runtime.supervisor import Supervisor


async def _until(true: Callable[[], bool], within: float = 5.0) -> None:
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.002)


class Work:
    """Fails as often as it is told, then runs until it is cancelled."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.begun = 0
        self.tidied = 0

    async def __call__(self) -> None:
        self.begun += 1
        try:
            if self.failures:
                raise self.failures.pop(0)
            await asyncio.Event().wait()
        finally:
            self.tidied += 1


async def test_a_failed_task_runs_again_and_is_healthy_again() -> None:
    work, failed = Work(Outage("no broker"), Defect("odd")), list[str]()
    async with Supervisor(first=0.01, settled=0.05, on_failure=failed.append) as supervisor:
        supervisor.start("relay", work)
        await _until(lambda: work.begun == 3)
        await _until(lambda: not supervisor.faults())
        assert supervisor._health["relay"].failures == 2
    assert failed == ["relay", "relay"]


async def test_a_task_that_keeps_failing_is_visible_all_the_time() -> None:
    work = Work(*(Outage("no broker at all") for _ in range(50)))
    async with Supervisor(first=0.01, longest=0.05) as supervisor:
        supervisor.start("relay", work)
        await _until(lambda: work.begun >= 2)
        for _ in range(20):
            assert supervisor.faults() == {"relay": "no broker at all"}
            await asyncio.sleep(0.005)


async def test_a_failure_is_logged_and_tells_no_more_than_its_kind(caplog: pytest.LogCaptureFixture) -> None:
    work = Work(ValueError("Ada Lovelace"))
    async with Supervisor(first=0.01, settled=0.05) as supervisor:
        supervisor.start("sweeper", work)
        await _until(lambda: supervisor._health["sweeper"].failures == 1)
        assert supervisor.faults() == {"sweeper": "ValueError"}
    (record,) = [record for record in caplog.records if record.name == "egpay.runtime.supervisor"]
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None


async def test_the_delay_grows_up_to_its_limit() -> None:
    begun: list[float] = []

    async def work() -> None:
        begun.append(asyncio.get_running_loop().time())
        raise Outage("away")

    async with Supervisor(first=0.02, longest=0.08) as supervisor:
        supervisor.start("relay", work)
        await _until(lambda: len(begun) == 6)
    gaps = [later - earlier for earlier, later in pairwise(begun)]
    assert gaps[0] >= 0.01
    assert min(gaps[2:]) >= 0.04


async def test_the_delay_starts_small_again_after_a_good_while(caplog: pytest.LogCaptureFixture) -> None:
    lives = [0.0, 0.0, 0.0, 0.2, 0.0]

    async def work() -> None:
        await asyncio.sleep(lives.pop(0) if lives else 60)
        raise Outage("away")

    async with Supervisor(first=0.01, longest=10, settled=0.05) as supervisor:
        supervisor.start("relay", work)
        await _until(lambda: supervisor._health["relay"].failures == 5)
    delays = [
        record.__dict__["delay"] for record in caplog.records if record.name == "egpay.runtime.supervisor"
    ]
    assert delays == [0.01, 0.02, 0.04, 0.01, 0.02]


async def test_a_block_that_ends_cancels_its_tasks_and_waits_for_them() -> None:
    work = Work()
    async with Supervisor() as supervisor:
        supervisor.start("relay", work)
        await _until(lambda: work.begun == 1)
    assert work.tidied == 1


async def test_a_task_that_refuses_to_end_does_not_hold_everybody_up() -> None:
    release = asyncio.Event()

    async def stubborn() -> None:
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    supervisor = Supervisor(grace=0.05)
    supervisor.start("stubborn", stubborn)
    await asyncio.sleep(0)
    async with asyncio.timeout(1):
        await supervisor.stop()
    release.set()
    await supervisor.finish(1)


async def test_a_task_that_is_done_is_healthy_and_not_started_again() -> None:
    began = 0

    async def once() -> None:
        nonlocal began
        began += 1

    async with Supervisor(first=0.001) as supervisor:
        supervisor.start("once", once)
        await supervisor.finish(1)
        assert (began, supervisor.faults(), supervisor._health["once"].done) == (1, {}, True)


async def test_two_tasks_of_one_name_are_refused() -> None:
    async with Supervisor() as supervisor:
        supervisor.start("relay", Work())
        with pytest.raises(ValueError, match="relay"):
            supervisor.start("relay", Work())

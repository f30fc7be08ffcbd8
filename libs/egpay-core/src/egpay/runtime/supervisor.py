"""Supervisor: restarts failed background tasks with back-off, and reports them until they run again."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType

from egpay.domain.errors import Outage

_log = logging.getLogger(__name__)

Work = Callable[[], Awaitable[None]]
"""Background work: runs until it is cancelled; a return means that it is done for good."""


@dataclass(slots=True)
class TaskHealth:
    """Health of one task; `fault` is why it does not run now, the times are of `time.monotonic`."""

    failures: int = 0
    fault: str | None = None
    since: float = field(default_factory=time.monotonic)
    done: bool = False

    @property
    def healthy(self) -> bool:
        """Whether it runs, or ended as it should."""
        return self.fault is None


class Supervisor:
    """Supervisor: restarts failed tasks with back-off and jitter until its block ends, then cancels them.

    It waits for cancelled tasks at most `grace` seconds. A failed task restarts after `first` seconds, then
    after twice the last delay, up to `longest`, each with jitter. The task counts as running, and its delay
    starts at `first` again, once it has run for `settled` seconds or, if that is longer, for its last delay.
    """

    def __init__(
        self,
        *,
        first: float = 0.2,
        longest: float = 15.0,
        settled: float = 2.0,
        grace: float = 5.0,
        on_failure: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`on_failure` is called with the name of each task that fails, for metrics."""
        self._first, self._longest = first, longest
        self._settled, self._grace = settled, grace
        self._on_failure = on_failure
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._health: dict[str, TaskHealth] = {}

    def start(self, name: str, work: Work) -> None:
        """Run `work` under supervision; its name must be unique."""
        if name in self._tasks:
            raise ValueError(f"a task named {name} runs already")
        self._health[name] = TaskHealth()
        self._tasks[name] = asyncio.create_task(self._keep_running(name, work), name=name)

    def faults(self) -> dict[str, str]:
        """What is wrong, by the name of the task; empty when all is well. For a readiness probe."""
        return {name: health.fault for name, health in self._health.items() if health.fault is not None}

    async def finish(self, within: float) -> None:
        """Wait at most `within` seconds for tasks that were asked to end by themselves."""
        running = [task for task in self._tasks.values() if not task.done()]
        if running:
            await asyncio.wait(running, timeout=within)

    async def stop(self) -> None:
        """Cancel every task and wait at most `grace` seconds for their end."""
        running = [task for task in self._tasks.values() if not task.done()]
        for task in running:
            task.cancel()
        if running:
            _, stuck = await asyncio.wait(running, timeout=self._grace)
            for task in stuck:
                _log.error("task does not end", extra={"action": "task_stuck", "task": task.get_name()})

    async def __aenter__(self) -> "Supervisor":
        """Start without tasks."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop every task."""
        await self.stop()

    async def _keep_running(self, name: str, work: Work) -> None:
        health = self._health[name]
        delay = 0.0
        while True:
            recovery = asyncio.get_running_loop().call_later(max(delay, self._settled), _recover, health)
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - whatever it is, the work must go on
                delay = self._first if health.fault is None else min(2 * delay, self._longest)
                self._failed(name, health, error, delay)
            else:
                health.done, health.fault = True, None
                return
            finally:
                recovery.cancel()
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311 - spreads restarts, guards nothing

    def _failed(self, name: str, health: TaskHealth, error: Exception, delay: float) -> None:
        health.failures += 1
        health.fault = str(error) if isinstance(error, Outage) else type(error).__name__
        health.since = time.monotonic()
        self._on_failure(name)
        known = isinstance(error, Outage)
        _log.log(
            logging.WARNING if known else logging.ERROR,
            "task failed and starts again",
            exc_info=None if known else error,
            extra={
                "action": "task_restarted",
                "task": name,
                "reason": health.fault,
                "delay": delay,
                "count": health.failures,
            },
        )


def _recover(health: TaskHealth) -> None:
    if health.fault is not None:
        health.fault, health.since = None, time.monotonic()

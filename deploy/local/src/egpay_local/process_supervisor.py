"""Process supervisor: runs a plan, reports what ends with its last output, stops what runs."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, assert_never

import httpx

from egpay_local import process
from egpay_local.plan import InlineStep, Plan, ServiceProcess, Task
from egpay_local.process import Child
from egpay_local.stop_signals import StopRequest

_POLL_SECONDS = 0.05


class ProcessFailed(Exception):
    """A part of the system ended or never came up; the message says which and shows its last lines."""


@dataclass(slots=True)
class ProcessSupervisor:
    """Supervises the programs of one plan, in the order in which they were started."""

    logs: Path
    cwd: Path
    servers: tuple[Child, ...]
    stop_request: StopRequest
    services: list[tuple[ServiceProcess, Child]] = field(default_factory=list)

    def run_plan(self, plan: Plan) -> None:
        """Starts everything in order; services come up side by side, tasks one after the other."""
        for step in plan:
            self._check()
            match step:
                case ServiceProcess():
                    self.services.append((step, self._spawn(step)))
                case Task():
                    for service, child in self.services:
                        if service.name in step.needs:
                            self.await_ready(service, child)
                    self._run_task(step)
                case InlineStep():
                    step.run()
                case _:
                    assert_never(step)
        for service, child in self.services:
            self.await_ready(service, child)

    def watch(self) -> NoReturn:
        """Watches until a stop request or the end of a program."""
        while True:
            self._check()
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Stops in reverse order of the start, so that no program loses what it depends on."""
        for _, child in reversed(self.services):
            child.stop(grace=20)

    def _spawn(self, step: ServiceProcess | Task) -> Child:
        log = self.logs / f"{step.name}.log"
        try:
            return process.spawn(step.name, step.command, log=log, env=step.env, cwd=self.cwd)
        except OSError as error:
            raise ProcessFailed(f"{step.name} could not be started: {error}") from error

    def _run_task(self, task: Task) -> None:
        child, until = self._spawn(task), time.monotonic() + task.deadline
        try:
            while child.exit_code() is None and time.monotonic() < until:
                self._check()
                time.sleep(0.01)
            if child.exit_code() != 0:
                raise ProcessFailed(
                    _failure_report(child, "did not end in time" if child.exit_code() is None else "")
                )
        finally:
            child.stop(grace=2)

    def await_ready(self, service: ServiceProcess, child: Child) -> None:
        until = time.monotonic() + service.deadline
        missing = list(service.ready_urls)
        with httpx.Client(trust_env=False, timeout=5.0) as client:
            while missing := [url for url in missing if not _responds(client, url)]:
                self._check()
                if time.monotonic() > until:
                    raise ProcessFailed(_failure_report(child, f"does not answer on {', '.join(missing)}"))
                time.sleep(_POLL_SECONDS)

    def _check(self) -> None:
        self.stop_request.raise_if_requested()
        for child in (*self.servers, *(child for _, child in self.services)):
            if child.exit_code() is not None:
                raise ProcessFailed(_failure_report(child))


@contextmanager
def supervised_processes(
    logs: Path, cwd: Path, servers: Iterable[Child], stop_request: StopRequest
) -> Iterator[ProcessSupervisor]:
    """Stops the plan's programs when the block ends; the servers have blocks of their own."""
    supervisor = ProcessSupervisor(logs, cwd, tuple(servers), stop_request)
    try:
        yield supervisor
    finally:
        supervisor.stop()


def _responds(client: httpx.Client, url: str) -> bool:
    with suppress(httpx.HTTPError):
        return client.get(url, follow_redirects=True).is_success
    return False


def _failure_report(child: Child, what: str = "") -> str:
    what = what or f"ended unexpectedly with exit code {child.exit_code()}"
    return f"{child.name} {what}. The end of {child.log}:\n{child.last_lines() or '(nothing)'}"

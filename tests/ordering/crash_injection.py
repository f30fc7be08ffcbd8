"""Crash points: every call to a port may be the last of its process, before or after it."""

import inspect
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any

from egpay.ports.storage import Begin, UnitOfWork

_PORTS = tuple(port.name for port in fields(UnitOfWork))


class SimulatedCrash(GeneratorExit):
    """`kill -9`: what sees it takes it for the end of its task, and nothing of the process goes on."""


@dataclass(slots=True)
class CrashPoint:
    """Dies at the step of this number, once; without one it only counts. `steps` names those passed."""

    at: int | None = None
    steps: list[str] = field(default_factory=list)
    died: str | None = None

    def copy(self, *, at: int | None = None) -> "CrashPoint":
        """Copies the steps that were passed, to die at a later one."""
        return CrashPoint(at, list(self.steps), self.died)

    def step(self, where: str) -> None:
        """Counts a step, or dies at it."""
        self.steps.append(where)
        if self.died is None and len(self.steps) - 1 == self.at:
            self.died = where
            raise SimulatedCrash(where)


class CrashingPort:
    """A port whose caller may die before the call, or after it and before the answer."""

    def __init__(self, port: Any, name: str, crash_point: CrashPoint) -> None:
        self._port, self._name, self._crash_point = port, name, crash_point
        self._before_a_death = crash_point.died is None

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._port, name)
        kind: Any = type(self._port)
        if not _is_coroutine(kind, name):
            return attribute
        where, crash_point = f"{self._name}.{name}", self._crash_point

        async def call(*arguments: Any, **named: Any) -> Any:
            if self._name == "delivery" and self._before_a_death and crash_point.died:
                return None  # the dead hand no message back
            crash_point.step(f"before {where}")
            answer = await attribute(*arguments, **named)
            crash_point.step(f"after {where}")
            return answer

        return call


@cache
def _is_coroutine(kind: Hashable, name: str) -> bool:
    return inspect.iscoroutinefunction(getattr(kind, name, None))


def crashing_begin(begin: Begin, crash_point: CrashPoint) -> Begin:
    """Wraps transactions: one may die within them, before their commit and after it."""

    @asynccontextmanager
    async def open_() -> AsyncIterator[UnitOfWork]:
        crash_point.step("before begin")
        async with begin() as uow:
            make: Callable[..., UnitOfWork] = UnitOfWork
            yield make(*(CrashingPort(getattr(uow, name), name, crash_point) for name in _PORTS))
            crash_point.step("before commit")
        crash_point.step("after commit")

    return open_

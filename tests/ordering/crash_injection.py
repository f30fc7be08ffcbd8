"""A process that can die at any await: every call to a port is a point before which and after which it may be over."""

import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from typing import Any

from egpay.ports.storage import Begin, UnitOfWork


class Died(BaseException):
    """`kill -9`: no `except Exception` sees it, and nothing of the process goes on."""


@dataclass(slots=True)
class Fate:
    """Dies at the step of this number, once; without one it only counts. `steps` names those it has passed."""

    at: int | None = None
    steps: list[str] = field(default_factory=list)
    died: str | None = None

    def step(self, where: str) -> None:
        """One step further, or the end."""
        self.steps.append(where)
        if self.died is None and len(self.steps) - 1 == self.at:
            self.died = where
            raise Died(where)


class Mortal:
    """A port whose caller may die before it is heard, or before it hears the answer."""

    def __init__(self, port: Any, name: str, fate: Fate) -> None:
        self._port, self._name, self._fate = port, name, fate

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._port, name)
        if not inspect.iscoroutinefunction(attribute):
            return attribute
        where, fate = f"{self._name}.{name}", self._fate

        async def call(*arguments: Any, **named: Any) -> Any:
            fate.step(f"before {where}")
            answer = await attribute(*arguments, **named)
            fate.step(f"after {where}")
            return answer

        return call


def mortal_begin(begin: Begin, fate: Fate) -> Begin:
    """Transactions within which, before whose commit and after whose commit one may die."""

    @asynccontextmanager
    async def open_() -> AsyncIterator[UnitOfWork]:
        fate.step("before begin")
        async with begin() as uow:
            ports = {each.name: Mortal(getattr(uow, each.name), each.name, fate) for each in fields(uow)}
            make: Callable[..., UnitOfWork] = UnitOfWork
            yield make(**ports)
            fate.step("before commit")
        fate.step("after commit")

    return open_

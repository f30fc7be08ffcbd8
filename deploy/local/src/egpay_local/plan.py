"""Start plan as data: what has to run; the launcher decides how to start, watch and stop it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    """Runs until we stop it, and is ready when every one of its URLs answers."""

    name: str
    command: tuple[str | Path, ...]
    ready_urls: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    deadline: float = 60.0


@dataclass(frozen=True, slots=True)
class Task:
    """Runs once and has to succeed before anything after it starts; `needs` are the services that answer before."""

    name: str
    command: tuple[str | Path, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    deadline: float = 60.0
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InlineStep:
    """Step that the launcher does itself between two programs."""

    name: str
    run: Callable[[], object]


Step: TypeAlias = ServiceProcess | Task | InlineStep
Plan: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports of our own programs; the servers choose theirs."""

    api: int
    worker: int
    sandbox: int
    smtp: int


class StartableSystem(Protocol):
    """A system that is configured and can be started."""

    def plan(self) -> Plan: ...

    def urls(self) -> dict[str, str]: ...

    def environment(self) -> dict[str, str]: ...

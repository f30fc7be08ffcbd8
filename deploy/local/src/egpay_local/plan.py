"""What has to run, as data: the launcher knows how to start, watch and stop; a plan says what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    """Runs until we stop it, and counts as up when every one of its URLs answers."""

    name: str
    command: tuple[str | Path, ...]
    ready_urls: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    deadline: float = 60.0


@dataclass(frozen=True, slots=True)
class Task:
    """Runs once and has to succeed before anything after it starts."""

    name: str
    command: tuple[str | Path, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    deadline: float = 60.0


@dataclass(frozen=True, slots=True)
class InlineStep:
    """Something the launcher does itself between two programs."""

    name: str
    run: Callable[[], object]


Step: TypeAlias = ServiceProcess | Task | InlineStep
Plan: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Ports:
    """Where our own programs listen; the servers find a port for themselves."""

    api: int
    worker: int
    sandbox: int
    smtp: int


class StartableSystem(Protocol):
    """A system that is decided on and can be started."""

    def plan(self) -> Plan: ...

    def urls(self) -> dict[str, str]: ...

    def environment(self) -> dict[str, str]: ...

"""Test servers: one suite, three ways to get a real PostgreSQL and a real NATS.

`embedded` starts both from wheels (no Docker, well under a second), `containers` takes the images that people
deploy, `urls` takes servers that already run. A test cannot see the difference: it asks for a `database_url`
or a `nats_url`.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, TypeAlias


class Backing(Protocol):
    """Real servers for one test session."""

    @property
    def admin_url(self) -> str:
        """A PostgreSQL login that may create databases and roles."""
        ...

    def clean_nats(self, home: Path) -> AbstractContextManager[str]:
        """The URL of a JetStream server without any stream; `home` is the test's own folder."""
        ...


Start: TypeAlias = Callable[[Path], AbstractContextManager[Backing]]


def named(name: str) -> Start:
    """Returns the way that `--backing` asks for; imports only that one's clients."""
    match name:
        case "embedded":
            from egpay_local.backing.embedded import embedded

            return embedded
        case "containers":
            from egpay_local.backing.containers import containers

            return containers
        case _:
            from egpay_local.backing.urls import urls

            return urls


NAMES = ("embedded", "containers", "urls")

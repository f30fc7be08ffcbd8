"""Servers from wheels: one PostgreSQL for the session, one nats-server for each test (24 ms, nothing to clean)."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from egpay_local import account, nats, places, postgres
from egpay_local.backing import Backing


@dataclass(frozen=True, slots=True)
class Embedded:
    """Nothing here survives the session, so nothing waits for the disk either."""

    admin_url: str

    @contextmanager
    def clean_nats(self, home: Path) -> Iterator[str]:
        with nats.running(home, durable=False) as server:
            yield server.url


@contextmanager
def embedded(state: Path) -> Iterator[Backing]:
    binaries = places.of(state).servers
    with scratch() as home, postgres.running(home / "postgres", binaries=binaries, durable=False) as server:
        yield Embedded(admin_url=server.url("postgres"))


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for a while, one that root's PostgreSQL, running as `nobody`, may enter as well."""
    mine = account.for_postgres().uid is None
    with tempfile.TemporaryDirectory(prefix="egpay-test-", dir=None if mine else "/var/tmp") as folder:  # noqa: S108
        Path(folder).chmod(0o700 if mine else 0o711)
        yield Path(folder)

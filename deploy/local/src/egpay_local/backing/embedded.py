"""Embedded servers from wheels: one PostgreSQL a session, one nats-server a test (24 ms, no cleaning)."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from egpay_local import nats, os_account, paths, postgres
from egpay_local.backing import Backing

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a fresh folder of our own is made in it
MIN_FREE_BYTES = 4 << 30
"""Bytes that must be free there; a run of the whole suite holds some hundred megabytes at a time."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Servers that do not wait for the disk, because no data outlives the session."""

    admin_url: str

    @contextmanager
    def clean_nats(self, home: Path) -> Iterator[str]:
        with nats.running(home, durable=False, administrator=True) as server:
            yield server.url(nats.ADMINISTRATOR)


@contextmanager
def embedded(state: Path) -> Iterator[Backing]:
    binaries = paths.prepare(state).servers
    with scratch() as home, postgres.running(home / "postgres", binaries=binaries, durable=False) as server:
        yield Embedded(admin_url=server.url("postgres"))


@contextmanager
def scratch(*, on_disk: bool = False) -> Iterator[Path]:
    """Makes a temporary folder that root's PostgreSQL, running as `nobody`, may enter as well.

    In memory where there is room, unless what the disk does is the point: each test's database is some 300
    files that are soon deleted, and a file system that does not reuse the numbers of deleted files at once
    (ext4 without a journal) takes half a second to find as many new ones.
    """
    account = os_account.for_postgres()
    disk = None if account.uid is None else "/var/tmp"  # noqa: S108 - likewise
    parent = SHARED_MEMORY if not on_disk and _is_roomy(SHARED_MEMORY) else disk
    with tempfile.TemporaryDirectory(prefix="egpay-test-", dir=parent) as folder:
        account.let_pass(Path(folder))
        yield Path(folder)


def _is_roomy(memory: Path) -> bool:
    return (
        memory.is_mount() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= MIN_FREE_BYTES
    )

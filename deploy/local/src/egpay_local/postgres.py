"""PostgreSQL 18 without Docker or an installation: binaries from a wheel, data in a folder.

Only 127.0.0.1, only with a password (generated once, beside the data, mode 600), fsync on. After a crash or a
`kill -9` the next start recovers by itself.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from egpay_local import environment, os_account, postgres_cluster, postgres_files, process
from egpay_local.postgres_cluster import OWNER, PostgresFailed
from egpay_local.process import Child
from egpay_local.tcp_ports import LOOPBACK, Port, reserved

_DURABLE = {"fsync": "on", "synchronous_commit": "on"}
_THROWAWAY = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "max_wal_size": "256MB",
    "scram_iterations": "1",
}


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server and its URLs."""

    child: Child
    port: Port
    password: str
    name: str = OWNER

    @property
    def url_without_password(self) -> str:
        return f"postgresql://{OWNER}@{LOOPBACK}:{self.port.number}/{self.name}"

    def url(self, database: str = OWNER, user: str = OWNER, password: str | None = None) -> str:
        secret = quote(password or self.password, safe="")
        return f"postgresql://{user}:{secret}@{LOOPBACK}:{self.port.number}/{database}"


@contextmanager
def running(
    home: Path,
    *,
    binaries: Path,
    preferred_port: int | None = None,
    log: Path | None = None,
    durable: bool = True,
) -> Iterator[Postgres]:
    """Serves the data below `home` (created on the first run) until the block ends.

    `binaries` is a folder that PostgreSQL's account may enter; root's copy of the programs is stored there.
    """
    account = os_account.for_postgres()
    installed = postgres_files.installed(binaries, account)
    data = postgres_cluster.ensure_cluster(home, installed, account)
    log = log or home / "postgres.log"
    with reserved(preferred_port) as port:
        child = process.spawn(
            "postgres",
            [installed / "bin" / "postgres", "-D", data, "-p", str(port.number), *_options(durable=durable)],
            log=log,
            env=environment.minimal(),
            cwd=home,
            account=account,
            stop_with=signal.SIGINT,  # "fast": sessions are ended, everything is written
        )
        try:
            _wait_until_ready(child, data)
            yield Postgres(child=child, port=port, password=(home / "password").read_text())
        finally:
            child.stop(grace=30)


def _options(*, durable: bool) -> list[str]:
    settings = {
        "listen_addresses": LOOPBACK,
        "unix_socket_directories": "",
        "timezone": "UTC",
        "log_timezone": "UTC",
        **(_DURABLE if durable else _THROWAWAY),
    }
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def _wait_until_ready(child: Child, data: Path, deadline: float = 60.0) -> None:
    """Waits for "ready" in the pid file; the server writes it, also after it recovered from a crash."""
    until = time.monotonic() + deadline
    while child.exit_code() is None and time.monotonic() < until:
        if postgres_files.reports_ready(data, child.pid):
            return
        time.sleep(0.005)
    raise PostgresFailed(f"PostgreSQL did not start:\n{child.last_lines()}")

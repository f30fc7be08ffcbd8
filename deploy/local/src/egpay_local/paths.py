"""Folders of the running system, so that data survives a restart and `make clean` finds all of it.

Everything is in `.egpay/` of the checkout: `run.json`, `env`, `logs/`, `sandbox/` and `servers/`
(PostgreSQL's and NATS's files). One exception: root's PostgreSQL runs as `nobody`, and if `nobody` may not
enter the checkout (a container's home, mode 700), `servers/` moves to `/var/lib/egpay-<hash of the checkout's
path>`. That place survives a reboot; `.egpay/servers` is then a link to it, and `make clean` follows the
link.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from egpay_local import os_account

CHECKOUT = Path(__file__).resolve().parents[4]


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one running system."""

    state: Path
    servers: Path

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def sandbox(self) -> Path:
        return self.state / "sandbox"

    @property
    def postgres(self) -> Path:
        return self.servers / "postgres"

    @property
    def nats(self) -> Path:
        return self.servers / "nats"


def prepare(state: Path) -> Paths:
    """Returns the folders of the system with this state; creates the missing ones."""
    account = os_account.for_postgres()
    state.mkdir(parents=True, exist_ok=True)
    state.chmod(0o700 if account.uid is None else 0o711)  # secrets in it are files of mode 600
    paths = Paths(state=state, servers=_servers(state, account))
    for folder in (paths.servers, paths.logs):
        folder.mkdir(exist_ok=True)
    paths.servers.chmod(0o700 if account.uid is None else 0o711)
    return paths


def _servers(state: Path, account: os_account.OsAccount) -> Path:
    inside = state / "servers"
    if account.can_enter(state):
        return inside
    outside = Path("/var/lib") / f"egpay-{hashlib.sha256(bytes(state.resolve())).hexdigest()[:12]}"
    outside.mkdir(exist_ok=True)
    if not inside.is_symlink():
        inside.symlink_to(outside)
    return outside

"""Folders of the running system, so that data survives a restart and `make clean` finds all of it.

Everything is in `.egpay/` of the checkout: `run.json`, `env`, `logs/`, `sandbox/` and `servers/`
(PostgreSQL's and NATS's files). One exception: root's PostgreSQL runs as `nobody`, and if `nobody` may not
enter the checkout (a container's home, mode 700), `servers/` moves to `/var/lib/egpay-<hash of the checkout's
path>`. That place survives a reboot; `.egpay/servers` is then a link to it, and `make clean` follows the
link.

Everything is of mode 700 or 600, and what an earlier release left readable is tightened at each start. For
root there is one exception: the group of `nobody` may pass through `.egpay` and `servers/` (mode 710, no
right to list or read), because PostgreSQL's own folder is below them.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from egpay_local import os_account, private_files

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
    _make_passable(state, account)
    paths = Paths(state=state, servers=_servers(state, account))
    _make_passable(paths.servers, account)
    private_files.make_folder(paths.logs)
    _tighten(paths, account)
    return paths


def _make_passable(folder: Path, account: os_account.OsAccount) -> None:
    """Never takes the right to pass away in between: another process may be starting PostgreSQL below it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    account.let_pass(folder)


def _tighten(paths: Paths, account: os_account.OsAccount) -> None:
    """Tightens what exists; PostgreSQL's programs get their account as owner first, or it could not run them."""
    for programs in paths.servers.glob("postgresql-*"):
        account.take_over(programs)
    passable = {} if account.gid is None else dict.fromkeys((paths.state, paths.servers), account.gid)
    for folder in (paths.state, paths.servers):
        private_files.tighten(folder, passable)


def _servers(state: Path, account: os_account.OsAccount) -> Path:
    inside = state / "servers"
    if account.can_enter(state):
        return inside
    outside = Path("/var/lib") / f"egpay-{hashlib.sha256(bytes(state.resolve())).hexdigest()[:12]}"
    outside.mkdir(mode=0o700, exist_ok=True)
    if not inside.is_symlink():
        inside.symlink_to(outside)
    return outside

"""NATS server with JetStream and logins, from a wheel; what it has acknowledged is on the disk."""

import json
import re
import secrets
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from egpay_local import environment, paths, private_files, process
from egpay_local.process import Child
from egpay_local.tcp_ports import LOOPBACK, Port, reserved

PROGRAM = Path(sys.executable).parent / "nats-server"
USERS = paths.CHECKOUT / "deploy/nats/users.conf"
ADMINISTRATOR = "administrator"
"""Login of tests, which lay out streams and publish what no program may."""
_CONFIGURATION = """\
# Written by egpay_local at every start.
host: {host}
port: {port}
server_name: egpay
include "users.conf"
jetstream {{
  store_dir: {store}
  sync_interval: {sync}
}}
"""


class NatsFailed(Exception):
    """nats-server did not start; the message ends with its last output."""


@dataclass(frozen=True, slots=True)
class Nats:
    """A running server and its logins."""

    child: Child
    port: Port
    passwords: Mapping[str, str]

    @property
    def url_without_password(self) -> str:
        return f"nats://{LOOPBACK}:{self.port.number}"

    def url(self, user: str) -> str:
        """The URL for one login; raises KeyError when it has none."""
        return f"nats://{user}:{self.passwords[user]}@{LOOPBACK}:{self.port.number}"


@contextmanager
def running(
    home: Path,
    *,
    preferred_port: int | None = None,
    log: Path | None = None,
    durable: bool = True,
    administrator: bool = False,
    more: str = "",
) -> Iterator[Nats]:
    """Serves the streams below `home` until the block ends; without `durable` it syncs every 2 min.

    With `administrator` there is a login of this name that may do everything, and all have one password. `more`
    is added to the server's configuration.
    """
    private_files.make_folder(home)
    with reserved(preferred_port) as port:
        configuration = home / "nats.conf"
        passwords = write_logins(home, administrator=administrator)
        private_files.write(
            configuration,
            _CONFIGURATION.format(
                host=LOOPBACK,
                port=port.number,
                store=json.dumps(str(home)),
                sync="always" if durable else '"2m"',
            )
            + more,
        )
        child = process.spawn(
            "nats",
            [PROGRAM, "-c", configuration],
            log=log or home / "nats.log",
            env=environment.minimal(),
            cwd=home,
        )
        try:
            _wait_until_ready(child, port.number)
            yield Nats(child=child, port=port, passwords=passwords)
        finally:
            child.stop()


def write_logins(home: Path, *, administrator: bool = False) -> dict[str, str]:
    """Writes the logins below `home` for `include`; a password that was made at an earlier start stays."""
    users, kept = USERS.read_text(), home / "secrets" / "passwords.conf"
    private_files.make_folder(kept.parent)
    known = dict(_PASSWORD.findall(kept.read_text())) if kept.exists() else {}
    shared = next(iter(known.values()), secrets.token_urlsafe(24)) if administrator else None
    passwords = {
        name: shared or known.get(name) or secrets.token_urlsafe(24) for name in _VARIABLE.findall(users)
    }
    private_files.write(kept, "".join(f"{name}: {json.dumps(word)}\n" for name, word in passwords.items()))
    if shared:
        users = users.replace(
            _FIRST_USER, f"{_FIRST_USER}    {{user: {ADMINISTRATOR}, password: {json.dumps(shared)}}}\n"
        )
    private_files.write(home / "users.conf", users)
    logins = {name.removesuffix(_SUFFIX).lower(): word for name, word in passwords.items()}
    return {**logins, ADMINISTRATOR: shared} if shared else logins


def login_url(url: str, user: str) -> str:
    """Changes the URL of a test's administrator to that of another login; any other URL stays as it is."""
    return url.replace(f"//{ADMINISTRATOR}:", f"//{user}:")


_SUFFIX = "_NATS_PASSWORD"
_VARIABLE = re.compile(rf"\$(\w+{_SUFFIX})")
_PASSWORD = re.compile(r'^(\w+): "([^"]+)"$', re.MULTILINE)
_FIRST_USER = "  users: [\n"


def _wait_until_ready(child: Child, port: int, deadline: float = 30.0) -> None:
    until = time.monotonic() + deadline
    while child.exit_code() is None and time.monotonic() < until:
        if _has_jetstream(port):
            return
        time.sleep(0.005)
    raise NatsFailed(f"nats-server did not start:\n{child.last_lines()}")


def _has_jetstream(port: int) -> bool:
    with suppress(OSError, ValueError), socket.create_connection((LOOPBACK, port), timeout=1) as talk:
        greeting = talk.makefile("rb").readline()
        return bool(json.loads(greeting.removeprefix(b"INFO ")).get("jetstream"))
    return False

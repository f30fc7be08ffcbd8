"""NATS server with JetStream, from a wheel; what it has acknowledged is on the disk."""

import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from egpay_local import environment, process
from egpay_local.process import Child
from egpay_local.tcp_ports import LOOPBACK, Port, reserved

PROGRAM = Path(sys.executable).parent / "nats-server"
_CONFIGURATION = """\
# Written by egpay_local at every start.
host: {host}
port: {port}
server_name: egpay
jetstream {{
  store_dir: {store}
  sync_interval: {sync}
}}
"""


class NatsFailed(Exception):
    """nats-server did not start; the message ends with its last output."""


@dataclass(frozen=True, slots=True)
class Nats:
    """A running server and its URL."""

    child: Child
    port: Port

    @property
    def url(self) -> str:
        return f"nats://{LOOPBACK}:{self.port.number}"


@contextmanager
def running(
    home: Path, *, preferred_port: int | None = None, log: Path | None = None, durable: bool = True
) -> Iterator[Nats]:
    """Serves the streams below `home` until the block ends; without `durable` it syncs every 2 min."""
    home.mkdir(parents=True, exist_ok=True)
    with reserved(preferred_port) as port:
        configuration = home / "nats.conf"
        configuration.write_text(
            _CONFIGURATION.format(
                host=LOOPBACK,
                port=port.number,
                store=json.dumps(str(home)),
                sync="always" if durable else '"2m"',
            )
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
            yield Nats(child=child, port=port)
        finally:
            child.stop()


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

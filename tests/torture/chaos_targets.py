"""Killable parts: egpay and its servers, each restarted where it was, on the same port and data."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from egpay_system import EgpaySystem, running_system

from egpay_local import nats, postgres, process
from egpay_local.backing.embedded import scratch
from egpay_local.nats import NatsFailed
from egpay_local.postgres_cluster import PostgresFailed
from egpay_local.process import Child
from egpay_local.tcp_ports import Port

SERVICES = ("checkout-api", "billing-worker")
SERVERS = ("postgres", "nats")
COMES_BACK = 30.0

QUICK = {
    "--retry-base": "0.2",
    "--retry-longest": "4",
    "--aftermath-delay": "0.3",
    "--shipping-delay": "1.5",
    "--checkout-wait": "1",
}
"""The sandbox's delays, so that minutes show what takes Stripe days."""


class Server(Protocol):
    """PostgreSQL or NATS within its block."""

    @property
    def child(self) -> Child: ...

    @property
    def port(self) -> Port: ...


class _Moved(Exception):
    """Its port was not free yet, so it came up on another."""


@dataclass(slots=True)
class RestartableServer:
    """A server that can be killed; `start(port)` opens its block."""

    name: str
    start: Callable[[ExitStack, int | None], Server]
    stack: ExitStack = field(default_factory=ExitStack)
    server: Server | None = None

    def up(self) -> Server:
        """Starts it where it was before; what is left of a killed one may need a moment to end."""
        port = self.server.port.number if self.server else None
        end = time.monotonic() + COMES_BACK
        while True:
            try:
                return self._try(port)
            except (PostgresFailed, NatsFailed, _Moved):
                assert time.monotonic() < end, f"{self.name} does not come back"
                self.stack.close()
                time.sleep(0.1)

    def kill(self) -> None:
        """Kills it with `kill -9`, and releases what its block still holds."""
        assert self.server is not None
        _kill(self.server.child)
        self.stack.close()

    def _try(self, port: int | None) -> Server:
        server = self.start(self.stack, port)
        if port not in (None, server.port.number):
            raise _Moved
        self.server = server
        return server


@dataclass(frozen=True, slots=True)
class ChaosTargets:
    """The running system; its sandbox is the world outside and is never killed."""

    egpay: EgpaySystem
    servers: dict[str, RestartableServer]

    def last_words(self) -> str:
        """Returns the ends of the logs, to find the cause of a failure."""
        services = [(child.name, child.last_lines(25)) for _, child in self.egpay.supervisor.services]
        servers = [
            (part.name, part.server.child.last_lines(10)) for part in self.servers.values() if part.server
        ]
        return "\n\n".join(f"{name}:\n{lines}" for name, lines in (*services, *servers))

    def kill(self, name: str) -> None:
        """Ends a part of it as `kill -9` does."""
        if name in self.servers:
            self.servers[name].kill()
        else:
            _kill(self.egpay.process(name))

    def up(self, name: str) -> None:
        """Restarts a part."""
        if name in self.servers:
            self.servers[name].up()
            return
        supervisor = self.egpay.supervisor
        for place, (service, _) in enumerate(supervisor.services):
            if service.name == name:
                log = supervisor.logs / f"{name}.{time.monotonic_ns()}.log"
                child = process.spawn(name, service.command, log=log, env=service.env, cwd=supervisor.cwd)
                supervisor.services[place] = (service, child)


@contextmanager
def targets() -> Iterator[ChaosTargets]:
    """Runs PostgreSQL and NATS as durable as in production, and all of egpay on them."""
    with scratch(on_disk=True) as home, ExitStack() as stack:
        parts = {
            "postgres": RestartableServer(
                "postgres", lambda block, port: block.enter_context(_postgres(home, port))
            ),
            "nats": RestartableServer("nats", lambda block, port: block.enter_context(_nats(home, port))),
        }
        for part in parts.values():
            stack.callback(part.stack.close)
            part.up()
        database, broker = parts["postgres"].server, parts["nats"].server
        assert isinstance(database, postgres.Postgres)
        assert isinstance(broker, nats.Nats)
        folder = home / "egpay"
        folder.mkdir()
        system = running_system(database.url("postgres"), broker.url(nats.ADMINISTRATOR), folder, **QUICK)
        yield ChaosTargets(stack.enter_context(system), parts)


def _postgres(home: Path, port: int | None) -> AbstractContextManager[postgres.Postgres]:
    return postgres.running(home / "postgres", binaries=home, preferred_port=port)


def _nats(home: Path, port: int | None) -> AbstractContextManager[nats.Nats]:
    return nats.running(home / "nats", preferred_port=port, administrator=True)


def _kill(child: Child) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.popen.wait()

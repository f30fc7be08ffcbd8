"""`make up`: from nothing to a running egpay, and from Ctrl-C back to nothing but its data."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from egpay_local import banner, nats, paths, postgres, process, runfile, system_builder
from egpay_local.nats import Nats
from egpay_local.paths import Places
from egpay_local.plan import Planned, Ports
from egpay_local.postgres import Postgres
from egpay_local.process_supervisor import Crew, crew
from egpay_local.stop_signals import StopRequest, heeding_signals
from egpay_local.tcp_ports import Port, reserved

Decide: TypeAlias = Callable[[Ports, Postgres, Nats, Places], Planned]

API, WORKER, SANDBOX, SMTP, POSTGRES, NATS = 8000, 8010, 8020, 8025, 5433, 4223


@dataclass(frozen=True, slots=True)
class Running:
    """A system that answers on all its URLs."""

    crew: Crew
    planned: Planned
    ports: tuple[Port, ...]


def up(where: Places, decide: Decide = system_builder.decided) -> None:
    """Serves until somebody stops it; raises when it cannot, or when one of its parts falls."""
    began = time.monotonic()
    process.end_with_make()
    _say("Starting egpay ...\n")
    with heeding_signals() as stop_request:
        try:
            with running(where, stop_request, decide) as it:
                _say(banner.of(it.planned.urls(), it.ports, where, time.monotonic() - began))
                it.crew.watch()
        finally:
            _say("egpay has stopped.\n")


@contextmanager
def running(
    where: Places, stop_request: StopRequest, decide: Decide = system_builder.decided
) -> Iterator[Running]:
    """The whole system for as long as the block lasts; it stops in the reverse order of its start."""
    with ExitStack() as stack:
        stack.enter_context(runfile.sole(where.state))
        ports = [stack.enter_context(reserved(port)) for port in (API, WORKER, SANDBOX, SMTP)]
        database, broker = _servers(where, stack)
        planned = decide(Ports(*(port.number for port in ports)), database, broker, where)
        servers = (database.child, broker.child)
        hands = stack.enter_context(crew(where.logs, paths.CHECKOUT, servers, stop_request))
        hands.carry_out(planned.plan())
        stack.enter_context(runfile.published(where.state, planned.urls(), planned.environment()))
        yield Running(hands, planned, (*ports, database.port, broker.port))


def _servers(where: Places, stack: ExitStack) -> tuple[Postgres, Nats]:
    logs = where.logs
    database = postgres.running(
        where.postgres, binaries=where.servers, preferred_port=POSTGRES, log=logs / "postgres.log"
    )
    broker = nats.running(where.nats, preferred_port=NATS, log=logs / "nats.log")
    return stack.enter_context(database), stack.enter_context(broker)


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()

"""`make up`: starts egpay from nothing, and on Ctrl-C stops all of it but its data."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from egpay_local import banner, environment, nats, postgres, process, runfile, start_settings, system_builder
from egpay_local.nats import Nats
from egpay_local.paths import CHECKOUT, Paths
from egpay_local.plan import Ports, StartableSystem
from egpay_local.postgres import Postgres
from egpay_local.process_supervisor import ProcessSupervisor, supervised_processes
from egpay_local.start_settings import StartSettings
from egpay_local.stop_signals import StopRequest, deferred_signals
from egpay_local.tcp_ports import Port, reserved

BuildSystem: TypeAlias = Callable[[Ports, Postgres, Nats, Paths, StartSettings], StartableSystem]

API, WORKER, SANDBOX, SMTP, POSTGRES, NATS = 8000, 8010, 8020, 8025, 5433, 4223


@dataclass(frozen=True, slots=True)
class Running:
    """A system that answers on all its URLs."""

    supervisor: ProcessSupervisor
    system: StartableSystem
    ports: tuple[Port, ...]


def up(paths: Paths, build: BuildSystem = system_builder.build_system) -> None:
    """Serves until it is stopped; raises when it cannot start, or when one of its parts ends."""
    began = time.monotonic()
    process.end_with_make()
    _say("Starting egpay ...\n")
    with deferred_signals() as stop_request:
        try:
            with running(paths, stop_request, build) as it:
                _say(banner.render(it.system.urls(), it.ports, paths, time.monotonic() - began))
                it.supervisor.watch()
        finally:
            _say("egpay has stopped.\n")


@contextmanager
def running(
    paths: Paths, stop_request: StopRequest, build: BuildSystem = system_builder.build_system
) -> Iterator[Running]:
    """Runs the whole system for as long as the block lasts; stops in the reverse order of its start."""
    with ExitStack() as stack:
        stack.enter_context(runfile.single_instance(paths.state))
        settings = start_settings.load(CHECKOUT, environment.inherited())
        _say("".join(f"  {notice}\n" for notice in settings.notices))
        ports = [stack.enter_context(reserved(port)) for port in _preferred_ports(settings)]
        database, broker = _servers(paths, stack)
        system = build(Ports(*(port.number for port in ports)), database, broker, paths, settings)
        servers = (database.child, broker.child)
        supervisor = stack.enter_context(supervised_processes(paths.logs, CHECKOUT, servers, stop_request))
        supervisor.run_plan(system.plan())
        stack.enter_context(runfile.published(paths.state, system.urls(), system.environment()))
        yield Running(supervisor, system, (*ports, database.port, broker.port))


def _preferred_ports(settings: StartSettings) -> tuple[int | None, ...]:
    api = settings.port("EGPAY_API_PORT", "PORT", default=API)
    return api, WORKER, settings.port("EGPAY_SANDBOX_PORT", default=SANDBOX), SMTP


def _servers(paths: Paths, stack: ExitStack) -> tuple[Postgres, Nats]:
    logs = paths.logs
    database = postgres.running(
        paths.postgres, binaries=paths.servers, preferred_port=POSTGRES, log=logs / "postgres.log"
    )
    broker = nats.running(paths.nats, preferred_port=NATS, log=logs / "nats.log")
    return stack.enter_context(database), stack.enter_context(broker)


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()

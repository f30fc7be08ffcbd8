"""Killable system: its parts may be killed, cut off and brought back, one test after another."""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from egpay_system import EgpaySystem, running_system

from checkout_api.testing.tcp_proxy import TcpProxy
from egpay_local import nats, process
from egpay_local.nats import Nats


@dataclass(slots=True)
class KillableSystem:
    """egpay behind a TCP proxy to PostgreSQL, and on a nats-server that may be killed."""

    egpay: EgpaySystem
    database_url: str
    database: "ThreadedProxy"
    broker: "KillableNats"
    killed: set[str] = field(default_factory=set)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Kills one of our programs with `kill -9`, without a warning."""
        child = self.egpay.process(name)
        child.expected_to_end = True
        self.killed.add(name)
        os.kill(child.pid, number)
        if number is signal.SIGKILL:
            child.popen.wait(10)

    def revive(self, name: str) -> None:
        """Restarts a program, and waits until it answers."""
        supervisor = self.egpay.supervisor
        [place] = [n for n, (service, _) in enumerate(supervisor.services) if service.name == name]
        service, dead = supervisor.services[place]
        dead.stop()
        child = process.spawn(
            name, service.command, log=supervisor.logs / f"{name}.log", env=service.env, cwd=supervisor.cwd
        )
        supervisor.services[place] = (service, child)
        supervisor.await_ready(service, child)
        self.killed.discard(name)

    def restore(self) -> None:
        """Restarts what a test left dead, stopped or cut off, so that a failing test fails alone."""
        if not self.database.is_open:
            self.database.open()
        if not self.broker.is_running:
            self.broker.start()
        for name in sorted(self.killed):
            self.revive(name)

    def connect(self) -> Any:
        """Connects to the database itself, as its owner, without the proxy."""
        return asyncpg.connect(self.database_url)

    async def ask(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """Queries rows, without the proxy."""
        connection = await self.connect()
        try:
            return list(await connection.fetch(query, *arguments))
        finally:
            await connection.close()


@contextlib.contextmanager
def killable_system(database_url: str, folder: Path, **other: str) -> Iterator[KillableSystem]:
    """Runs all of it, on a nats-server of its own."""
    with (
        killable_nats(folder / "nats") as broker,
        threaded_proxy(database_url) as proxy,
        running_system(proxy.url, broker.url, folder, **other) as egpay,
    ):
        yield KillableSystem(egpay, database_url, proxy, broker)


@dataclass(slots=True)
class KillableNats:
    """nats-server that comes back on the same port with what it had on disk."""

    home: Path
    port: int
    stack: contextlib.ExitStack
    is_running: bool = False
    url: str = ""

    def start(self) -> Nats:
        server = self.stack.enter_context(
            nats.running(self.home, preferred_port=self.port or None, administrator=True)
        )
        self.port, self.url = server.port.number, server.url(nats.ADMINISTRATOR)
        self.is_running = True
        return server

    def kill(self) -> None:
        """Kills the server with `kill -9`; closing its block afterwards does no more harm."""
        self.stack.close()
        self.is_running = False


@contextlib.contextmanager
def killable_nats(home: Path) -> Iterator[KillableNats]:
    """Runs until the block ends."""
    with contextlib.ExitStack() as stack:
        server = KillableNats(home, 0, stack)
        server.start()
        yield server


@dataclass(slots=True)
class ThreadedProxy:
    """TcpProxy in a thread of its own, so that a test may block."""

    proxy: TcpProxy
    loop: asyncio.AbstractEventLoop
    is_open: bool = False

    @property
    def url(self) -> str:
        return self.proxy.url

    def open(self) -> None:
        asyncio.run_coroutine_threadsafe(self.proxy.open(), self.loop).result(10)
        self.is_open = True

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.proxy.close(), self.loop).result(10)
        self.is_open = False


@contextlib.contextmanager
def threaded_proxy(url: str) -> Iterator[ThreadedProxy]:
    """Opens it until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="proxy", daemon=True)
    thread.start()
    proxy = ThreadedProxy(TcpProxy(url), loop)
    try:
        proxy.open()
        yield proxy
    finally:
        proxy.close()
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()

"""Where a benchmark takes place: a PostgreSQL and a NATS of its own with stock settings, everything fsynced."""

import asyncio
import signal
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from bench.corpus import Corpus, corpus
from bench.loading import Generator, generator
from egpay_local import environment, nats, os_account, paths, postgres_cluster, postgres_files, process
from egpay_local.backing.embedded import scratch
from egpay_local.nats import Nats
from egpay_local.postgres import Postgres
from egpay_local.tcp_ports import reserved

T = TypeVar("T")
FOLDER = paths.CHECKOUT / ".egpay" / "bench"


@dataclass(frozen=True)
class Setting:
    """Servers, events and tools, and a loop for whoever has to wait."""

    folder: Path
    postgres: Postgres
    nats: Nats
    corpus: Corpus
    generator: Generator
    runner: asyncio.Runner

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for it."""
        return self.runner.run(work)

    def ask(self, database: str, query: str, *arguments: object) -> list[asyncpg.Record]:
        """Rows, over a connection of its own."""
        return self.do(_ask(self.postgres.url(database), query, *arguments))

    @property
    def nats_url(self) -> str:
        """The broker's URL for the contenders that lay out streams of their own."""
        return self.nats.url(nats.ADMINISTRATOR)

    def run_script(self, database: str, script: str) -> None:
        """Several statements without arguments, each in a transaction of its own if it must be."""
        self.do(_execute(self.postgres.url(database), script))

    def fresh_database(self, name: str) -> str:
        """Create an empty one; return its URL."""
        self.run_script("postgres", f"CREATE DATABASE {name}")
        return self.postgres.url(name)


@contextmanager
def setting(events: int) -> Iterator[Setting]:
    """Servers that live as long as the block and leave nothing behind; the corpus and the generator are kept.

    Two settings are not stock: the time of each commit is kept (`track_commit_timestamp`), for that is when an event has
    come to its end, and twice as many connections are allowed, for all contenders stay connected.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    binaries = paths.prepare(paths.CHECKOUT / ".egpay").servers
    tools = corpus(FOLDER / "corpus", events), generator(FOLDER)
    with scratch(on_disk=True) as home, asyncio.Runner() as runner:  # noqa: SIM117
        with (
            _database(home / "postgres", binaries) as server,
            nats.running(home / "nats", administrator=True) as broker,
        ):
            yield Setting(home, server, broker, *tools, runner)


@contextmanager
def _database(home: Path, binaries: Path) -> Iterator[Postgres]:
    """The PostgreSQL of `make up`, or the one whose `bin` folder POSTGRES names: one with lz4, say."""
    account, named = os_account.for_postgres(), environment.inherited().get("POSTGRES")
    installed = Path(named).parent if named else postgres_files.installed(binaries, account)
    data = postgres_cluster.ensure_cluster(home, installed, account)
    with (data / "postgresql.conf").open("a") as settings:
        settings.write("track_commit_timestamp = on\nmax_connections = 200\n")
        settings.write("listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\ntimezone = 'UTC'\n")
    with reserved() as port:
        command: list[str | Path] = [installed / "bin" / "postgres", "-D", data, "-p", str(port.number)]
        child = process.spawn(
            "postgres",
            command,
            log=home / "postgres.log",
            env=environment.minimal(),
            cwd=home,
            account=account,
            stop_with=signal.SIGINT,
        )
        try:
            while child.exit_code() is None and not postgres_files.reports_ready(data, child.pid):
                time.sleep(0.01)
            yield Postgres(child=child, port=port, password=(home / "password").read_text())
        finally:
            child.stop(grace=30)


async def _ask(url: str, query: str, *arguments: object) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(query, *arguments))
    finally:
        await connection.close()


async def _execute(url: str, script: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in script.split(";;"):
            await connection.execute(statement)
    finally:
        await connection.close()

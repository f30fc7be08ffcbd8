"""Who is measured: what each one runs, where it keeps what it accepted, and how it forgets it before the next run."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.corpus import SECRET
from bench.setting import Setting
from egpay_local import environment, process
from egpay_local.process import Child
from egpay_local.tcp_ports import reserved

PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True)
class Contender:
    """Somebody who accepts webhooks on a port. `stored` counts what it has on disk; `forget` is the SQL that empties
    its tables; `processed` is the table of events whose reaction is committed, with the column of their ids."""

    name: str
    database: str
    port: int
    pids: Mapping[str, int]
    stored: str | None
    forget: str
    path: str = "/webhooks/stripe"
    secret: str = SECRET
    processed: tuple[str, str] | None = None
    stream: str | None = None
    afterwards: Callable[[], None] = field(default=lambda: None)


def start(
    setting: Setting,
    name: str,
    command: Sequence[str | Path],
    env: Mapping[str, str],
    *,
    cwd: Path | None = None,
) -> Child:
    """Start a program, in the environment of this machine and its own."""
    whole = {**environment.inheritable(environment.inherited()), **env}
    return process.spawn(name, command, log=setting.folder / f"{name}.log", env=whole, cwd=cwd or _checkout())


def until_it_answers(child: Child, url: str, deadline: float = 40.0) -> None:
    """Return when the URL answers with a success (or refuses the method); raise with the last lines of its log."""
    until = time.monotonic() + deadline
    with httpx.Client(trust_env=False, timeout=5.0) as client:
        while time.monotonic() < until and child.exit_code() is None:
            try:
                if client.get(url).status_code < 500:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.02)
    raise RuntimeError(f"{child.name} does not answer:\n{child.last_lines(30)}")


@contextmanager
def module(
    setting: Setting, name: str, app: str, env: Mapping[str, str], *, workers: int = 2, probe: str = "/"
) -> Iterator[tuple[Child, int]]:
    """A program of `bench.apps` on a free port."""
    with reserved() as port:
        command = [sys.executable, "-m", f"bench.apps.{app}", str(port.number), str(workers)]
        own = {"PORT": str(port.number), "WORKERS": str(workers), **env}
        child = start(setting, name, command, own)
        try:
            until_it_answers(child, f"http://127.0.0.1:{port.number}{probe}")
            yield child, port.number
        finally:
            child.stop()


@contextmanager
def floor(setting: Setting) -> Iterator[Contender]:
    """uvicorn alone."""
    with module(setting, "floor", "floor", {}) as (child, port):
        yield Contender("floor", "", port, {"accept": child.pid}, None, "")


@contextmanager
def prototype(setting: Setting) -> Iterator[Contender]:
    """The raw group commit."""
    from bench.apps.prototype_tables import INBOX

    url = setting.fresh_database("prototype")
    setting.run_script("prototype", INBOX)
    with module(setting, "prototype", "prototype", {"DATABASE": url, "SECRET": SECRET}) as (child, port):
        yield Contender(
            "prototype",
            "prototype",
            port,
            {"accept": child.pid},
            "SELECT count(*) FROM inbox",
            "TRUNCATE inbox, outbox",
        )


@contextmanager
def pipeline(setting: Setting) -> Iterator[Contender]:
    """The prototype with relay and worker."""
    from bench.apps.prototype_tables import BOOKS, INBOX, NAMES

    url = setting.fresh_database("pipeline")
    setting.run_script("pipeline", INBOX)
    setting.run_script("pipeline", BOOKS)
    setting.do(_stream(setting.nats_url))
    env = {"DATABASE": url, "SECRET": SECRET, "NATS": setting.nats_url}
    with module(setting, "pipeline", "prototype", env) as (child, port):
        worker = start(setting, "pipeline-worker", [sys.executable, "-m", "bench.apps.prototype_worker"], env)
        try:
            yield Contender(
                "pipeline",
                "pipeline",
                port,
                {"accept": child.pid, "worker": worker.pid},
                "SELECT count(*) FROM inbox",
                f"TRUNCATE inbox, outbox, {NAMES}",
                processed=("processed", "event_id"),
                stream="PROTO",
            )
        finally:
            worker.stop()


def _checkout() -> Path:
    return Path(__file__).resolve().parents[1]


async def _stream(url: str) -> None:
    import nats
    from nats.js.api import StreamConfig

    client = await nats.connect(url)
    await client.jetstream().add_stream(StreamConfig(name="PROTO", subjects=["proto.>"], allow_atomic=True))
    await client.close()

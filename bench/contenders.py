"""Who is measured: what each one runs, where it keeps what it accepted, and how it forgets it before the next run."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.corpus import SALES, SECRET
from bench.setting import Setting
from egpay.adapters.nats.provision import provision
from egpay.adapters.postgres.migrate import upgrade
from egpay.adapters.postgres.tables import metadata
from egpay_local import environment, process
from egpay_local.ports import reserved
from egpay_local.process import Child

PROGRAMS = Path(sys.executable).parent
EGPAY_TABLES = ", ".join(name for name in metadata.tables if name != "products")


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
    whole = {**environment.of_the_machine(environment.inherited()), **env}
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


def egpay_database(setting: Setting, name: str) -> str:
    """A migrated database, with the sales of the corpus set aside to be put back before each run."""
    url = setting.fresh_database(name)
    setting.do(upgrade(url))
    setting.run_script(
        name,
        "INSERT INTO products (id, kind, name, description, unit_amount, currency, interval)"
        " VALUES ('monitoring-monthly', 'subscription', 'Monitoring', '', 2900, 'eur', 'month')",
    )
    setting.ask(name, SALES, *setting.corpus.sales())
    setting.run_script(name, "CREATE TABLE bench_sales AS SELECT * FROM sales")
    return url


def egpay_forgets() -> str:
    """All but the catalogue and the sales, which are as they were."""
    return f"TRUNCATE {EGPAY_TABLES};;INSERT INTO sales SELECT * FROM bench_sales;;VACUUM ANALYZE sales"


def egpay_environment(setting: Setting, database_url: str, **more: str) -> dict[str, str]:
    """What the services need to start."""
    return {
        "DATABASE_URL": database_url,
        "NATS_URL": setting.nats.url,
        "STRIPE_SECRET_KEY": "sk_test_bench",
        "STRIPE_WEBHOOK_SECRETS": SECRET,
        "STRIPE_API_BASE": "http://127.0.0.1:1",
        "PUBLIC_URL": "http://127.0.0.1:1",
        "STOREFRONT_URL": "http://127.0.0.1:1",
        "SMTP_URL": "smtp://127.0.0.1:1",
        "MAIL_FROM": "EG <hello@eg.example>",
        "WAREHOUSE_URL": "http://127.0.0.1:1",
        "WAREHOUSE_SECRET": "whsec_YmVuY2hiZW5jaGJlbmNoYmVuY2hiZW5jaA==",
        "LOG_LEVEL": "WARNING",
        **more,
    }


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
def egpay(setting: Setting, database: str = "egpay") -> Iterator[Contender]:
    """checkout-api with its relay off."""
    url = egpay_database(setting, database)
    with module(setting, database, "accept_only", egpay_environment(setting, url), probe="/livez") as (
        child,
        port,
    ):
        yield Contender(
            "egpay",
            database,
            port,
            {"accept": child.pid},
            "SELECT count(*) FROM webhook_events",
            f"TRUNCATE {EGPAY_TABLES}",
        )


@contextmanager
def pipeline(setting: Setting) -> Iterator[Contender]:
    """The prototype with relay and worker."""
    from bench.apps.prototype_tables import BOOKS, INBOX, NAMES

    url = setting.fresh_database("pipeline")
    setting.run_script("pipeline", INBOX)
    setting.run_script("pipeline", BOOKS)
    setting.do(_stream(setting.nats.url))
    env = {"DATABASE": url, "SECRET": SECRET, "NATS": setting.nats.url}
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


@contextmanager
def egpay_live(setting: Setting) -> Iterator[Contender]:
    """checkout-api as it is deployed, beside a worker that reacts (see bench.apps.reactions_only)."""
    url = egpay_database(setting, "egpay_live")
    setting.do(provision(setting.nats.url))
    with reserved() as port:
        env = egpay_environment(
            setting, url, PORT=str(port.number), WORKERS=environment.inherited().get("LIVE_WORKERS", "1")
        )
        child = start(setting, "checkout-api", [PROGRAMS / "checkout-api"], env)
        try:
            until_it_answers(child, f"http://127.0.0.1:{port.number}/readyz")
            yield Contender(
                "egpay live",
                "egpay_live",
                port.number,
                {"accept": child.pid},
                "SELECT count(*) FROM webhook_events",
                egpay_forgets(),
                processed=("processed_messages", "message_id"),
                stream="BILLING",
            )
        finally:
            child.stop()


@contextmanager
def reacting(setting: Setting, processes: int = 1) -> Iterator[dict[str, int]]:
    """So many workers on the database of `egpay_live`; their pids."""
    url = setting.postgres.url("egpay_live")
    with _many(setting, processes, url) as children:
        yield {f"worker{n or ''}": child.pid for n, child in enumerate(children)}


@contextmanager
def _many(
    setting: Setting, processes: int, url: str, done: tuple[Child, ...] = ()
) -> Iterator[tuple[Child, ...]]:
    if len(done) == processes:
        yield done
        return
    env = egpay_environment(setting, url)
    with module(setting, f"worker{len(done)}", "reactions_only", env, workers=1) as (child, _):  # noqa: SIM117
        with _many(setting, processes, url, (*done, child)) as children:
            yield children


def _checkout() -> Path:
    return Path(__file__).resolve().parents[1]


async def _stream(url: str) -> None:
    import nats
    from nats.js.api import StreamConfig

    client = await nats.connect(url)
    await client.jetstream().add_stream(StreamConfig(name="PROTO", subjects=["proto.>"], allow_atomic=True))
    await client.close()

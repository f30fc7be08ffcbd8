"""The parts of a benchmark, each of which pairs contenders in the same minutes, for a machine changes its speed."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager

import httpx

from bench import candidate, contenders
from bench.contenders import Contender
from bench.findings import Findings, Plan, say
from bench.laps import Lap, lap, wait_for
from bench.machine import Meter, family, memory
from bench.setting import Setting
from egpay_local.tcp_ports import reserved


def in_turns(turns: int, everyone: Sequence[Contender]) -> Iterator[tuple[int, Sequence[Contender]]]:
    """Every second turn in reverse, so that nobody always runs on a warmer machine."""
    for turn in range(turns):
        yield turn, everyone if turn % 2 == 0 else everyone[::-1]


def accepting(setting: Setting, plan: Plan, found: Findings, peers: Sequence[Contender]) -> None:
    """Signed webhook in, durable, answered."""
    say("accepting, relay off")
    with ExitStack() as stack:
        everyone = [stack.enter_context(make(setting)) for make in (contenders.prototype, candidate.egpay)]
        bare = stack.enter_context(contenders.floor(setting))
        for connections in (1, 8, 32, 64):
            for turn, order in in_turns(plan.turns, [*everyone, *peers]):
                for who in order:
                    found.add(
                        lap(
                            setting,
                            who,
                            row=who.name,
                            turn=turn,
                            seconds=plan.seconds,
                            connections=connections,
                        )
                    )
            found.add(
                lap(setting, bare, row=bare.name, turn=0, seconds=plan.seconds, connections=connections)
            )


def flowing(
    setting: Setting, plan: Plan, found: Findings, peers: Sequence[Contender], ours: Contender
) -> None:
    """The whole way: accepted, published, reacted to. Then single events at an even pace."""
    say("the whole way: accept, relay, broker, reactions")
    with ExitStack() as stack:
        model = stack.enter_context(contenders.pipeline(setting))
        workers = stack.enter_context(candidate.reacting(setting))

        def one(who: Contender, turn: int, seconds: float, connections: int, rate: float = 0.0) -> None:
            helpers = workers if who is ours else None
            found.add(
                lap(
                    setting,
                    who,
                    row=who.name,
                    turn=turn,
                    seconds=seconds,
                    connections=connections,
                    rate=rate,
                    workers=helpers,
                )
            )

        for connections in (8, 32):
            for turn, order in in_turns(plan.turns, [model, ours, *peers]):
                for who in order:
                    one(who, turn, plan.seconds, connections)
        for rate in (100.0, 500.0):
            for turn, order in in_turns(plan.turns, [model, ours]):
                for who in order:
                    one(who, turn, plan.open_seconds, 64, rate)
        weigh(found, "checkout-api", ours.pids["accept"])
        weigh(found, "reactions alone", workers["worker"])


def draining(setting: Setting, plan: Plan, found: Findings, ours: Contender) -> None:
    """A backlog, worked off by one, two and four workers, who stand still while it grows."""
    say("draining a backlog")
    for turn in range(plan.turns):
        for processes in (1, 2, 4) if turn % 2 == 0 else (4, 2, 1):
            with candidate.reacting(setting, processes) as workers:
                _drain(setting, plan, found, ours, workers, turn)


def _drain(
    setting: Setting, plan: Plan, found: Findings, ours: Contender, workers: dict[str, int], turn: int
) -> None:
    _stand_still(setting, ours, workers)
    filled = lap(setting, ours, row="backlog", turn=turn, seconds=2 * plan.seconds, connections=64, tries=1)
    waiting = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
    wait_for(lambda: setting.ask(ours.database, waiting)[0][0] == 0, "the relay")
    meter = Meter({**workers, "postgres": setting.postgres.child.pid, "nats": setting.nats.child.pid})
    began = time.time()
    _tell(workers, signal.SIGCONT)
    done = "SELECT count(*) FROM processed_messages"
    wait_for(lambda: setting.ask(ours.database, done)[0][0] >= filled.accepted, "the workers")
    when = "SELECT max(extract(epoch FROM pg_xact_commit_timestamp(xmin))) FROM processed_messages"
    rate = filled.accepted / (float(setting.ask(ours.database, when)[0][0]) - began)
    cpu, strangers = meter.read()
    load = f"{len(workers)} processes"
    spent = {name: 1e6 * seconds / filled.accepted for name, seconds in cpu.items()}
    found.add(Lap("drain", load, turn, filled.accepted, rate, 0.0, 0.0, spent, strangers))


def _stand_still(setting: Setting, ours: Contender, workers: Mapping[str, int]) -> None:
    """Stop them between two transactions: one that is open would keep its locks, and nobody could empty the tables."""
    busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
    while True:
        _tell(workers, signal.SIGSTOP)
        time.sleep(0.05)
        if setting.ask("postgres", busy, ours.database)[0][0] == 0:
            return
        _tell(workers, signal.SIGCONT)
        time.sleep(0.05)


def _tell(workers: Mapping[str, int], number: signal.Signals) -> None:
    for pid in workers.values():
        os.kill(pid, number)


def starting(setting: Setting, plan: Plan, found: Findings) -> None:
    """From the command to the first good answer, and what one process weighs when it is idle."""
    say("starting")
    url = setting.postgres.url("egpay_live")
    for name in ("checkout-api", "billing-worker"):
        for _ in range(plan.starts):
            with _started(setting, name, url) as (pid, took):
                found.note(f"{name}: seconds to ready", took)
                weigh(found, f"{name}, idle", pid)


@contextmanager
def _started(setting: Setting, name: str, url: str) -> Iterator[tuple[int, float]]:
    with reserved() as port, httpx.Client(trust_env=False, timeout=5.0) as client:
        env = candidate.egpay_environment(setting, url, PORT=str(port.number))
        began = time.monotonic()
        child = contenders.start(setting, f"{name}-start", [contenders.PROGRAMS / name], env)
        try:
            wait_until(lambda: _ready(client, port.number))
            yield child.pid, time.monotonic() - began
        finally:
            child.stop()


def wait_until(there: Callable[[], bool]) -> None:
    """As `wait_for`, and often."""
    until = time.monotonic() + 30
    while not there() and time.monotonic() < until:
        time.sleep(0.005)


def _ready(client: httpx.Client, port: int) -> bool:
    try:
        return client.get(f"http://127.0.0.1:{port}/readyz").status_code == 200
    except httpx.HTTPError:
        return False


def weigh(found: Findings, name: str, pid: int) -> None:
    """The heaviest process of a family, which is the one that works."""
    heaviest = max((memory(each) for each in family([pid])), key=lambda each: each.resident)
    found.note(f"{name}: MB resident", heaviest.resident)
    found.note(f"{name}: MB of its own", heaviest.unique)

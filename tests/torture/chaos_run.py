"""Chaos run: purchases in disorder while parts of egpay are killed at random, then time to converge."""

import asyncio
import random
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from audit import Findings, audit
from chaos_targets import SERVERS, SERVICES, ChaosTargets
from simulated_buyers import SimulatedBuyers

BUYERS = 5
CONVERGES = 30.0
PATIENCE = 90.0
DELIVERY_FAULTS = {
    "duplicate": 0.15,
    "twin": 0.1,
    "delay": 0.3,
    "max_delay": 1.5,
    "reorder": 0.5,
    "reorder_window": 1.0,
    "drop": 0.1,
    "forget": 0.05,
    "bad_signature": 0.02,
}


@dataclass(frozen=True, slots=True)
class ChaosReport:
    """Result of a chaos run.

    `orders` are the e-mails by sale; `converged_after` is in seconds after the last kill, and `last_missing` what was
    waited for until then.
    """

    orders: dict[str, str]
    events: int
    kills: int
    converged_after: float
    findings: Findings
    last_missing: Sequence[str]

    def __str__(self) -> str:
        lost, doubled = len(self.findings.lost), len(self.findings.doubled)
        return (
            f"torture: {len(self.orders)} sales, {self.events:,} webhooks delivered, {self.kills} kills survived, "
            f"lost {lost}, doubled {doubled}, all right {self.converged_after:.1f} s after the last kill"
        )


def run_chaos(targets: ChaosTargets, *, seconds: float, seed: int) -> ChaosReport:
    """Runs for so long, kills everything at once, and waits for the books to be right."""
    dice = random.Random(seed)  # noqa: S311 - a storm that can be repeated
    for channel in ("stripe", "warehouse"):
        _set_delivery_faults(targets, channel, {**DELIVERY_FAULTS, "seed": seed})
    with _shopping(targets, seed) as buyers:
        kills = _kill_now_and_then(targets, dice, seconds)
    for channel in ("stripe", "warehouse"):
        _set_delivery_faults(targets, channel, {})
    everything = (*SERVERS, *SERVICES)
    for name in everything:
        targets.kill(name)
    last_kill = time.monotonic()
    for name in everything:
        targets.up(name)
    findings, last_missing = _settled(targets, buyers, until=last_kill + PATIENCE)
    return ChaosReport(
        orders=buyers.orders,
        events=_delivered(targets),
        kills=kills + len(everything),
        converged_after=time.monotonic() - last_kill,
        findings=findings,
        last_missing=last_missing,
    )


@contextmanager
def _shopping(targets: ChaosTargets, seed: int) -> Iterator[SimulatedBuyers]:
    """Runs the crowd in a loop of its own, and raises here what it cannot do at all."""
    loop = asyncio.new_event_loop()
    buyers = SimulatedBuyers(targets.egpay, random.Random(seed))  # noqa: S311 - likewise
    thread = threading.Thread(target=loop.run_forever, name="buyers", daemon=True)
    thread.start()
    shopping = asyncio.run_coroutine_threadsafe(buyers.shop(BUYERS), loop)
    try:
        yield buyers
        loop.call_soon_threadsafe(buyers.closing.set)
        shopping.result(timeout=PATIENCE)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _kill_now_and_then(targets: ChaosTargets, dice: random.Random, seconds: float) -> int:
    kills, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(dice.uniform(0.3, 4.0))
        fallen = dice.sample((*SERVICES, *SERVERS), dice.choice((1, 1, 1, 2)))
        for name in fallen:
            targets.kill(name)
            kills += 1
        time.sleep(dice.uniform(0.0, 1.5))
        for name in fallen:
            targets.up(name)
    return kills


def _settled(targets: ChaosTargets, buyers: SimulatedBuyers, *, until: float) -> tuple[Findings, list[str]]:
    """Polls until nothing differs or the time is over; returns what then differs, and what did before."""
    findings, before = Findings(), list[str]()
    while time.monotonic() < until:
        try:
            findings = asyncio.run(audit(targets.egpay, buyers.orders, buyers.bounced))
        except Exception as fault:  # noqa: BLE001 - a server that is still coming up is no finding yet
            findings = Findings(on_the_way=[f"{type(fault).__name__}: {fault}"])
        if not findings.all:
            break
        before = findings.all
        time.sleep(0.3)
    return findings, before


def _set_delivery_faults(targets: ChaosTargets, channel: str, knobs: dict[str, float]) -> None:
    egpay = targets.egpay
    egpay.browser.put(f"{egpay.sandbox}/sandbox/chaos/{channel}", json=knobs).raise_for_status()


def _delivered(targets: ChaosTargets) -> int:
    egpay = targets.egpay
    query: dict[str, str | int] = {"state": "delivered", "limit": 1_000_000}
    return len(egpay.browser.get(f"{egpay.sandbox}/sandbox/deliveries", params=query).json())

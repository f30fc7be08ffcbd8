"""A storm: purchases in disorder while parts of egpay are killed at random, and then the time until all is right."""

import asyncio
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from audit import Findings, audit
from chaos_targets import SERVERS, SERVICES, Victims
from simulated_buyers import Crowd

BUYERS = 5
CONVERGES = 30.0
PATIENCE = 90.0
WEATHER = {
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
class Report:
    """What the storm came to. `orders` are the e-mails by sale; `converged_after` is in seconds after the last kill."""

    orders: dict[str, str]
    events: int
    kills: int
    converged_after: float
    findings: Findings

    def __str__(self) -> str:
        lost, doubled = len(self.findings.lost), len(self.findings.doubled)
        return (
            f"torture: {len(self.orders)} sales, {self.events:,} webhooks delivered, {self.kills} kills survived, "
            f"lost {lost}, doubled {doubled}, all right {self.converged_after:.1f} s after the last kill"
        )


def storm(victims: Victims, *, seconds: float, seed: int) -> Report:
    """Let it blow for so long, kill everything at once, and wait for the books to be right."""
    dice = random.Random(seed)  # noqa: S311 - a storm that can be repeated
    for channel in ("stripe", "warehouse"):
        _set_weather(victims, channel, {**WEATHER, "seed": seed})
    with _shopping(victims, seed) as crowd:
        kills = _kill_now_and_then(victims, dice, seconds)
    for channel in ("stripe", "warehouse"):
        _set_weather(victims, channel, {})
    everything = (*SERVERS, *SERVICES)
    for name in everything:
        victims.kill(name)
    last_kill = time.monotonic()
    for name in everything:
        victims.up(name)
    findings = _settled(victims, crowd, until=last_kill + PATIENCE)
    return Report(
        orders=crowd.orders,
        events=_delivered(victims),
        kills=kills + len(everything),
        converged_after=time.monotonic() - last_kill,
        findings=findings,
    )


@contextmanager
def _shopping(victims: Victims, seed: int) -> Iterator[Crowd]:
    """The crowd lives in a loop of its own; what it cannot do at all is raised here."""
    loop = asyncio.new_event_loop()
    crowd = Crowd(victims.egpay, random.Random(seed))  # noqa: S311 - likewise
    thread = threading.Thread(target=loop.run_forever, name="crowd", daemon=True)
    thread.start()
    shopping = asyncio.run_coroutine_threadsafe(crowd.shop(BUYERS), loop)
    try:
        yield crowd
        loop.call_soon_threadsafe(crowd.closing.set)
        shopping.result(timeout=PATIENCE)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _kill_now_and_then(victims: Victims, dice: random.Random, seconds: float) -> int:
    kills, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(dice.uniform(0.3, 4.0))
        fallen = dice.sample((*SERVICES, *SERVERS), dice.choice((1, 1, 1, 2)))
        for name in fallen:
            victims.kill(name)
            kills += 1
        time.sleep(dice.uniform(0.0, 1.5))
        for name in fallen:
            victims.up(name)
    return kills


def _settled(victims: Victims, crowd: Crowd, *, until: float) -> Findings:
    """Look until nothing differs, or patience is over; then what is found is found."""
    findings = Findings()
    while time.monotonic() < until:
        try:
            findings = asyncio.run(audit(victims.egpay, crowd.orders, crowd.bounced))
        except Exception as fault:  # noqa: BLE001 - a server that is still coming up is no finding yet
            findings = Findings(on_the_way=[f"{type(fault).__name__}: {fault}"])
        if not findings.all:
            break
        time.sleep(0.3)
    return findings


def _set_weather(victims: Victims, channel: str, knobs: dict[str, float]) -> None:
    egpay = victims.egpay
    egpay.browser.put(f"{egpay.sandbox}/sandbox/chaos/{channel}", json=knobs).raise_for_status()


def _delivered(victims: Victims) -> int:
    egpay = victims.egpay
    query: dict[str, str | int] = {"state": "delivered", "limit": 1_000_000}
    return len(egpay.browser.get(f"{egpay.sandbox}/sandbox/deliveries", params=query).json())

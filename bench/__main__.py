"""`python -m bench`: measure, print the table, keep the figures in bench/results.json.

QUICK=1 one short turn · PEERS=1 dj-stripe and @stripe/sync-engine too · FILL=1 ten million stored events
ONLY=accept,flow,drain,start some parts · POSTGRES=<folder of programs> another PostgreSQL than the one of `make up`
"""

import json
import os
import platform
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from bench import stages
from bench.candidate import egpay_live
from bench.contenders import Contender
from bench.findings import QUICK, WHOLE, Findings, Plan, say
from bench.report import markdown
from bench.setting import Setting, setting

PARTS = "accept,flow,drain,start"


def main() -> None:
    """Run what was asked for."""
    wanted = os.environ  # noqa: TID251 - what make was told
    plan = QUICK if wanted.get("QUICK") else WHOLE
    found, began = Findings(), time.monotonic()
    with setting(40_000) as place:
        best_peer = _measure(place, plan, found, wanted)
        version = place.ask("postgres", "SHOW server_version")[0][0]
    machine = f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}, PostgreSQL {version}"
    results = Path(__file__).with_name("results.json")
    results.write_text(json.dumps({"machine": machine, **found.told()}, indent=1) + "\n")
    say(f"\n{machine}; {time.monotonic() - began:.0f} s\n\n{markdown(found, best_peer)}")


def _measure(place: Setting, plan: Plan, found: Findings, wanted: Mapping[str, str]) -> str | None:
    parts = wanted.get("ONLY", PARTS).split(",")
    best_peer = None
    with ExitStack() as stack:
        peers = []
        if wanted.get("PEERS"):
            from bench.peers.sync_engine import sync_engine

            say("installing and starting the peers")
            best = stack.enter_context(sync_engine(place))
            peers, best_peer = [best], best.name
        if "accept" in parts:
            stages.accepting(place, plan, found, [*peers, *_slow_ones(stack, place, wanted)])
        if {"flow", "drain", "start"} & set(parts):
            ours = stack.enter_context(egpay_live(place))
            if "flow" in parts:
                stages.flowing(place, plan, found, peers, ours)
            if "drain" in parts:
                stages.draining(place, plan, found, ours)
            if "start" in parts:
                stages.starting(place, plan, found)
        if wanted.get("FILL"):
            from bench.filling import filling

            filling(place, plan, found)
    return best_peer


def _slow_ones(stack: ExitStack, place: Setting, wanted: Mapping[str, str]) -> list[Contender]:
    from bench.peers.dj_stripe import dj_stripe
    from bench.peers.plain import plain_fastapi

    makers = (plain_fastapi, dj_stripe) if wanted.get("PEERS") else (plain_fastapi,)
    return [stack.enter_context(make(place)) for make in makers]


if __name__ == "__main__":
    main()

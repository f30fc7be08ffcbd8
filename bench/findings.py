"""What is measured for how long, and what was found."""

import sys
from dataclasses import dataclass, field
from typing import Any

from bench.laps import Lap


@dataclass(slots=True)
class Plan:
    """How long and how often."""

    seconds: float
    turns: int
    open_seconds: float
    starts: int


QUICK = Plan(seconds=1.0, turns=1, open_seconds=2.0, starts=1)
WHOLE = Plan(seconds=1.5, turns=3, open_seconds=4.0, starts=3)


@dataclass(slots=True)
class Findings:
    """All that was measured."""

    laps: list[Lap] = field(default_factory=list)
    facts: dict[str, list[float]] = field(default_factory=dict)

    def add(self, found: Lap) -> None:
        """Keep a lap and say so."""
        self.laps.append(found)
        end = (
            f", to the end {found.end_rate:.0f}/s {found.end_p50:.1f}/{found.end_p99:.1f} ms"
            if found.end_rate
            else ""
        )
        cpu = " ".join(f"{name} {spent:.0f}" for name, spent in found.cpu.items() if spent >= 1)
        say(
            f"  {found.row:24} {found.load:6} {found.rate:7.0f}/s {found.p50:6.1f}/{found.p99:6.1f} ms{end}"
            f"  [us: {cpu}; strangers {found.strangers:.2f}]"
        )

    def note(self, fact: str, value: float) -> None:
        """Keep a figure that is no lap."""
        self.facts.setdefault(fact, []).append(value)
        say(f"  {fact}: {value:.2f}")

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"laps": [each.told() for each in self.laps], "facts": self.facts}


def say(text: str) -> None:
    """Tell who waits."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()

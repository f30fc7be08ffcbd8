"""How many interleavings were tried, and how many different ends they had: the claim of the README, counted."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class InterleavingCounts:
    """By scenario. `endings` are digests, so that a tally can be told by one process to another."""

    interleavings: Counter[str] = field(default_factory=Counter)
    endings: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    deaths: int = 0
    live: int = 0

    def count(self, scenario: str, tried: int, endings: set[bytes]) -> None:
        """So many ways were tried, and these were the ends."""
        self.interleavings[scenario] += tried
        self.endings[scenario] |= {hashlib.sha256(ending).hexdigest() for ending in endings}

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        ends = {scenario: sorted(digests) for scenario, digests in self.endings.items()}
        return {
            "interleavings": dict(self.interleavings),
            "endings": ends,
            "deaths": self.deaths,
            "live": self.live,
        }

    def add(self, told: Any) -> None:
        """What another counted, as it told it."""
        self.interleavings.update(told["interleavings"])
        for scenario, digests in told["endings"].items():
            self.endings[scenario] |= set(digests)
        self.deaths += told["deaths"]
        self.live += told["live"]

    def lines(self) -> Iterator[str]:
        """For the report; none when nothing was tried."""
        if self.interleavings:
            tried, ends = self.interleavings.total(), sum(len(each) for each in self.endings.values())
            told = f"{tried:,} interleavings of {len(self.endings)} scenarios, {ends} final states"
            yield f"convergence: {told}; {self.deaths:,} deaths at an await; {self.live} tellings over HTTP"

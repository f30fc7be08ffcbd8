"""Tally: counts interleavings tried and different endings found, which the README claims."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class InterleavingCounts:
    """Counts by scenario; `endings` are digests, so that one process can pass its tally to another."""

    interleavings: Counter[str] = field(default_factory=Counter)
    endings: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    deaths: int = 0
    live: int = 0

    def count(self, scenario: str, tried: int, endings: set[bytes]) -> None:
        """Adds the interleavings tried and their endings."""
        self.interleavings[scenario] += tried
        self.endings[scenario] |= {hashlib.sha256(ending).hexdigest() for ending in endings}

    def told(self) -> dict[str, Any]:
        """Returns the counts as JSON."""
        ends = {scenario: sorted(digests) for scenario, digests in self.endings.items()}
        return {
            "interleavings": dict(self.interleavings),
            "endings": ends,
            "deaths": self.deaths,
            "live": self.live,
        }

    def add(self, told: Any) -> None:
        """Adds the counts of another process."""
        self.interleavings.update(told["interleavings"])
        for scenario, digests in told["endings"].items():
            self.endings[scenario] |= set(digests)
        self.deaths += told["deaths"]
        self.live += told["live"]

    def lines(self) -> Iterator[str]:
        """Formats lines of the report; none when nothing was tried."""
        if self.interleavings:
            tried, ends = self.interleavings.total(), sum(len(each) for each in self.endings.values())
            told = f"{tried:,} interleavings of {len(self.endings)} scenarios, {ends} final states"
            yield f"convergence: {told}; {self.deaths:,} deaths at an await; {self.live} tellings over HTTP"

"""How many interleavings were tried, and how many different ends they had: the claim of the README, counted."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """By scenario."""

    interleavings: Counter[str] = field(default_factory=Counter)
    endings: dict[str, set[bytes]] = field(default_factory=lambda: defaultdict(set))
    deaths: int = 0
    live: int = 0

    def count(self, scenario: str, tried: int, endings: set[bytes]) -> None:
        """So many ways were tried, and these were the ends."""
        self.interleavings[scenario] += tried
        self.endings[scenario] |= endings

    def line(self) -> str:
        """One line for the report; empty when nothing was tried."""
        if not self.interleavings:
            return ""
        tried, ends = self.interleavings.total(), sum(len(each) for each in self.endings.values())
        told = f"{tried:,} interleavings of {len(self.endings)} scenarios, {ends} final states"
        return f"convergence: {told}; {self.deaths:,} deaths at an await; {self.live} tellings over HTTP"

"""The figures as a table that can be read in a minute: medians, their range, and the ratios that were promised."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.findings import Findings
from bench.laps import Lap

Value = Callable[[Lap], float | None]


def accepted(lap: Lap) -> float | None:
    """Answers a second."""
    return lap.rate


def ended(lap: Lap) -> float | None:
    """Committed reactions a second."""
    return lap.end_rate


@dataclass(frozen=True)
class Promise:
    """A figure, what it should at least (or at most) be, and how it is found."""

    figure: str
    bound: float
    values: list[float]
    at_most: bool = False

    def line(self) -> str:
        """A row of the table."""
        if not self.values:
            return ""
        middle = median(self.values)
        kept = middle <= self.bound if self.at_most else middle >= self.bound
        sign = "≤" if self.at_most else "≥"
        return f"| {self.figure} | {sign} {self.bound:g} | {_spread(self.values)} | {'yes' if kept else '**no**'} |"


def markdown(found: Findings, best_peer: str | None) -> str:
    """All tables."""
    rows = sorted({lap.row for lap in found.laps})
    loads = sorted({lap.load for lap in found.laps}, key=_load_order)
    parts = [
        "### Promises\n\n| figure | promised | median (min–max) | kept |\n|---|---|---|---|",
        *filter(None, (promise.line() for promise in promises(found, best_peer))),
        "\n### Accepted per second (p50 / p99 ms)\n\n| row | load | median (min–max) | p50 / p99 | us of CPU per event |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        for load in loads:
            if laps := [lap for lap in found.laps if (lap.row, lap.load) == (row, load)]:
                parts.append(_line(row, load, laps))
    parts.append(
        "\n### To the committed reaction\n\n| row | load | per second | p50 / p99 ms |\n|---|---|---|---|"
    )
    for row in rows:
        for load in loads:
            if laps := [lap for lap in found.laps if (lap.row, lap.load) == (row, load) and lap.end_rate]:
                rates = [lap.end_rate for lap in laps if lap.end_rate]
                p50, p99 = (median([getattr(lap, name) for lap in laps]) for name in ("end_p50", "end_p99"))
                parts.append(f"| {row} | {load} | {_spread(rates)} | {p50:.1f} / {p99:.1f} |")
    parts.append("\n### Memory and start\n\n| figure | median (min–max) |\n|---|---|")
    parts.extend(f"| {fact} | {_spread(values)} |" for fact, values in found.facts.items())
    return "\n".join(parts) + "\n"


def promises(found: Findings, peer: str | None) -> list[Promise]:
    """What the project says of its own speed."""
    own, live, model, pipe = "egpay", "egpay live", "prototype", "pipeline"
    told = [
        Promise(f"accept ÷ prototype, c={c}", 0.8, ratios(found, own, model, f"c={c}")) for c in (8, 32, 64)
    ]
    if peer:
        told += [
            Promise(f"accept ÷ {peer}, c={c}", least, ratios(found, own, peer, f"c={c}"))
            for c, least in ((1, 3.0), (8, 5.0), (32, 8.0), (64, 9.0))
        ]
        told += [
            Promise(
                f"accept, relay and worker live ÷ {peer}, c={c}", least, ratios(found, live, peer, f"c={c}")
            )
            for c, least in ((8, 3.0), (32, 3.5))
        ]
        told += [
            Promise(
                f"end to end ÷ {peer}'s accept, c={c}",
                least,
                ratios(found, live, peer, f"c={c}", ended, accepted),
            )
            for c, least in ((8, 2.8), (32, 3.5))
        ]
    told += [
        Promise(
            f"end to end ÷ pipeline prototype, c={c}", 0.8, ratios(found, live, pipe, f"c={c}", ended, ended)
        )
        for c in (8, 32)
    ]
    told += [
        Promise(
            f"accept p99 at c={c}, ms", most, [lap.p99 for lap in _laps(found, own, f"c={c}")], at_most=True
        )
        for c, most in ((32, 10.0), (1, 2.0))
    ]
    for rate, most50, most99 in (("100/s", 4.0, 10.0), ("500/s", 3.0, 20.0)):
        laps = _laps(found, live, rate)
        told.append(
            Promise(f"end to end p50 at {rate}, ms", most50, [x.end_p50 or 0 for x in laps], at_most=True)
        )
        told.append(
            Promise(f"end to end p99 at {rate}, ms", most99, [x.end_p99 or 0 for x in laps], at_most=True)
        )
    told.append(
        Promise("drain, 2 processes ÷ 1", 1.7, _against(found, "drain", "2 processes", "1 processes"))
    )
    for fact, most in (
        ("checkout-api: MB resident", 110.0),
        ("billing-worker, idle: MB resident", 120.0),
        ("checkout-api: seconds to ready", 2.0),
    ):
        told.append(Promise(fact, most, found.facts.get(fact, []), at_most=True))
    told.append(
        Promise(
            "accept with 10 million stored ÷ none",
            0.95,
            _against(found, "egpay, filled", "10 million", "none"),
        )
    )
    return told


def ratios(
    found: Findings, one: str, other: str, load: str, top: Value = accepted, bottom: Value = accepted
) -> list[float]:
    """Of laps of the same turn, in order; the latest lap of a turn counts."""
    above = {lap.turn: value for lap in _laps(found, one, load) if (value := top(lap))}
    below = {
        lap.turn: value
        for lap in _laps(found, other, load, with_end=bottom is ended)
        if (value := bottom(lap))
    }
    return [above[turn] / below[turn] for turn in sorted(above.keys() & below.keys())]


def _laps(found: Findings, row: str, load: str, *, with_end: bool = False) -> list[Lap]:
    laps = [lap for lap in found.laps if (lap.row, lap.load) == (row, load)]
    return [lap for lap in laps if lap.end_rate] if with_end else laps


def _against(found: Findings, row: str, load: str, base: str) -> list[float]:
    above = {lap.turn: lap.rate for lap in _laps(found, row, load)}
    below = {lap.turn: lap.rate for lap in _laps(found, row, base)}
    return [above[turn] / below[turn] for turn in sorted(above.keys() & below.keys())]


def _line(row: str, load: str, laps: Sequence[Lap]) -> str:
    cpu = {name: median([lap.cpu.get(name, 0.0) for lap in laps]) for name in laps[0].cpu}
    spent = ", ".join(f"{name} {value:.0f}" for name, value in cpu.items() if value >= 1)
    p50, p99 = (median([getattr(lap, name) for lap in laps]) for name in ("p50", "p99"))
    return f"| {row} | {load} | {_spread([lap.rate for lap in laps])} | {p50:.1f} / {p99:.1f} | {spent} |"


def _spread(values: Sequence[float]) -> str:
    middle = median(values)
    digits = 0 if middle >= 100 else 1 if middle >= 20 else 2
    whole = f"{middle:,.{digits}f}"
    return whole if len(values) == 1 else f"{whole} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def _load_order(load: str) -> tuple[int, int, str]:
    digits = "".join(filter(str.isdigit, load))
    return ("c=" not in load, int(digits or 0), load)

"""What a run costs: CPU and memory of the programs under load, and of strangers who disturb it."""

import os
import resource
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Iterable[int]) -> float:
    """Of these processes and all below them, as far as they still live, and of their children that ended."""
    return sum(_cpu(pid) for pid in family(pids))


def busy_seconds() -> float:
    """Of the whole machine since it started."""
    user, nice, system, _, _, irq, softirq, *_ = map(
        int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    )
    return (user + nice + system + irq + softirq) / _TICK


def wait_for_quiet(at_most: float, *, cores: float = 0.25) -> None:
    """Return when strangers leave the machine alone for half a second, or patience is over."""
    until = time.monotonic() + at_most
    while time.monotonic() < until:
        before, began = busy_seconds(), time.monotonic()
        time.sleep(0.5)
        if (busy_seconds() - before) / (time.monotonic() - began) < cores:
            return


def family(pids: Iterable[int]) -> list[int]:
    """Processes with all their descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _fields(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    rest = list(pids)
    while rest:
        pid = rest.pop()
        found.append(pid)
        rest.extend(children.get(pid, ()))
    return found


@dataclass(frozen=True, slots=True)
class Memory:
    """MB: resident, and of that what no other process shares."""

    resident: float
    unique: float


def memory(pid: int) -> Memory:
    """Of one process."""
    rows = (line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    kb = {row[0].rstrip(":"): int(row[1]) for row in rows}
    return Memory(kb["Rss"] / 1024, (kb["Private_Clean"] + kb["Private_Dirty"]) / 1024)


def _cpu(pid: int) -> float:
    fields = _fields(pid)
    return sum(map(int, fields[11:15])) / _TICK if fields else 0.0


def _fields(pid: int) -> list[str]:
    """What follows the name in /proc/<pid>/stat: state, parent, ..."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return []


class Meter:
    """CPU between two looks."""

    def __init__(self, groups: Mapping[str, int]) -> None:
        """Look."""
        self._groups = groups
        self._before = self._look()

    def read(self) -> tuple[dict[str, float], float]:
        """Seconds of each group, the load generator's too, and how many cores strangers took."""
        before, after = self._before, self._look()
        spent = {name: after[name] - before[name] for name in after}
        elapsed, busy = spent.pop("elapsed"), spent.pop("busy")
        return spent, max(0.0, busy - sum(spent.values())) / elapsed

    def _look(self) -> dict[str, float]:
        ours, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        return {
            "elapsed": time.monotonic(),
            "busy": busy_seconds(),
            "generator": sum(usage.ru_utime + usage.ru_stime for usage in (ours, children)),
            **{name: cpu_seconds([pid]) for name, pid in self._groups.items()},
        }

"""One run of load, and what came of it."""

import os
import shutil
import subprocess
from array import array
from dataclasses import dataclass
from pathlib import Path

from bench.corpus import Corpus

SOURCE = Path(__file__).with_name("load.c")


class NoCompiler(Exception):
    """The load generator is C, for a slow one would measure itself."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the generator saw: for each event that was sent, when it was due, when it was answered (ns since the epoch)
    and with which status (0: not at all)."""

    due: "array[int]"
    answered: "array[int]"
    statuses: "array[int]"

    @property
    def sent(self) -> int:
        return len(self.due)

    @property
    def accepted(self) -> int:
        return sum(200 <= status < 300 for status in self.statuses)

    @property
    def seconds(self) -> float:
        return (max(self.answered) - min(self.due)) / 1e9 if self.due else 0.0

    @property
    def rate(self) -> float:
        """Accepted events per second, from the first byte sent to the last answer."""
        return self.accepted / self.seconds if self.due else 0.0

    def latencies(self) -> list[float]:
        """Milliseconds, shortest first, of the answered."""
        pairs = zip(self.due, self.answered, self.statuses, strict=True)
        return sorted((answered - due) / 1e6 for due, answered, status in pairs if status)


def quantile(ordered: list[float], share: float) -> float:
    """The value that `share` of an ordered list stays below."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


@dataclass(frozen=True, slots=True)
class Generator:
    """The compiled load generator."""

    program: Path
    out: Path

    def run(
        self,
        corpus: Corpus,
        port: int,
        path: str,
        *,
        connections: int,
        seconds: float,
        count: int,
        signed_at: str,
        rate: float = 0.0,
    ) -> Told:
        """Send the first `count` events of the corpus, each once, for so many seconds at most; they were signed at
        `signed_at`. `rate` 0 is a closed loop; else so many are due each second, whether earlier ones are answered or
        not."""
        files = [corpus.folder / name for name in ("bodies", "offsets", "signatures")]
        numbers = [signed_at, 0, count, connections, seconds, rate]
        command = [self.program, port, path, *files, *numbers, self.out]
        subprocess.run([str(part) for part in command], check=True, timeout=seconds + 40)
        raw = array("q")
        raw.frombytes(self.out.read_bytes())
        return Told(due=raw[0::3], answered=raw[1::3], statuses=raw[2::3])


def generator(folder: Path) -> Generator:
    """Compile it, unless that was done since it was last changed."""
    program = folder / "load"
    if not program.exists() or program.stat().st_mtime < SOURCE.stat().st_mtime:
        compiler = shutil.which("cc")
        if compiler is None:
            raise NoCompiler("the benchmark needs a C compiler, `cc`")
        fresh = folder / f"load.{os.getpid()}"
        subprocess.run([compiler, "-O2", "-o", str(fresh), str(SOURCE)], check=True)
        fresh.replace(program)
    return Generator(program, folder / "told")

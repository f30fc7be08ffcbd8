"""Run file: where `make demo`, the operator's `egpay` and a second `make up` find the running system.

`.egpay/run.json` and the sourceable `.egpay/env` exist while it runs (mode 600: they hold passwords). A lock
on `.egpay/lock` says whether it runs, because no crash can leave a lock behind.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from egpay_local import environment, private_files


class AlreadyRunning(Exception):
    """The system of this checkout already runs; a second one would share its data."""


@contextmanager
def single_instance(state: Path) -> Iterator[None]:
    """Holds the checkout's lock, so that one launcher at a time owns its data."""
    with open(state / "lock", "a+", opener=private_files.opened) as lock:
        if not _lock(lock):
            lock.seek(0)
            raise AlreadyRunning(
                f"egpay already runs from this checkout (pid {lock.read().strip() or 'unknown'}); "
                f"its addresses are in {state / 'run.json'}, Ctrl-C in its terminal stops it."
            )
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        _remove_files(state)  # what a launcher that was killed could not remove
        yield


@contextmanager
def published(state: Path, urls: Mapping[str, str], env: Mapping[str, str]) -> Iterator[None]:
    """Writes both files, each atomically, and removes them when the block ends."""
    content = {"pid": os.getpid(), "urls": dict(urls), "env": dict(env)}
    files = {
        state / "run.json": json.dumps(content, indent=2) + "\n",
        state / "env": environment.sourceable(env),
    }
    try:
        for path, text in files.items():
            private_files.write(path, text)
        yield
    finally:
        for path in files:
            path.unlink(missing_ok=True)


def running_environment(state: Path, patience: float = 60.0) -> dict[str, str] | None:
    """Waits for the running system and returns its environment; None when none runs."""
    until = time.monotonic() + patience
    while _is_held(state) and time.monotonic() < until:
        with suppress(FileNotFoundError):
            env: dict[str, str] = json.loads((state / "run.json").read_text())["env"]
            return env
        time.sleep(0.1)
    return None


def _remove_files(state: Path) -> None:
    for name in ("run.json", "env"):
        (state / name).unlink(missing_ok=True)


def _is_held(state: Path) -> bool:
    if not (state / "lock").exists():
        return False
    with (state / "lock").open("r+") as lock:
        return not _lock(lock)


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

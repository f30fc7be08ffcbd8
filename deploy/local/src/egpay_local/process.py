"""Child process that never outlives its launcher: Ctrl-C, a crash or `kill -9` of it ends both."""

import ctypes
import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from egpay_local import environment, private_files
from egpay_local.os_account import MYSELF, OsAccount

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


@dataclass(slots=True)
class Child:
    """A running program, its log and the signal that stops it."""

    name: str
    log: Path
    popen: "subprocess.Popen[bytes]"
    stop_with: signal.Signals
    expected_to_end: bool = False

    @property
    def pid(self) -> int:
        return self.popen.pid

    def exit_code(self) -> int | None:
        return self.popen.poll()

    def stop(self, grace: float = 10.0) -> None:
        """Signals, waits, then kills; afterwards nothing of its process group is left."""
        self.expected_to_end = True
        if self.popen.poll() is None:
            self.popen.send_signal(self.stop_with)
            with suppress(subprocess.TimeoutExpired):
                self.popen.wait(grace)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait()

    def last_lines(self, count: int = 15) -> str:
        return last_lines(self.log, count)


def spawn(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    account: OsAccount = MYSELF,
    stop_with: signal.Signals = signal.SIGTERM,
) -> Child:
    """Starts a program in its own process group, so that the terminal's Ctrl-C reaches only the launcher.

    Its log and all that it writes are readable by its own account only.
    """
    if log.exists():
        log.replace(log.with_suffix(".previous.log"))
    with open(log, "wb", opener=private_files.opened) as out:
        popen = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            user=account.uid,
            group=account.gid,
            extra_groups=None if account.uid is None else [],
            process_group=0,
            umask=private_files.UMASK,
            preexec_fn=_end_with_parent(os.getpid(), stop_with),  # noqa: PLW1509  no threads here
        )
    return Child(name=name, log=log, popen=popen, stop_with=stop_with)


def last_lines(log: Path, count: int = 15) -> str:
    """Returns the end of a failed program's log."""
    if not log.exists():
        return ""
    with log.open(errors="replace") as lines:
        return "".join(deque(lines, maxlen=count)).rstrip()


def end_with_make() -> None:
    """Binds the launcher to `make`: a killed `make up` ends its launcher, and so everything else."""
    bind = _end_with_parent(os.getppid(), signal.SIGTERM)
    if bind is not None and environment.started_by_make():
        bind()


def _end_with_parent(parent: int, how: signal.Signals) -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None

    def bind_to_parent() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(how), 0, 0, 0)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return bind_to_parent

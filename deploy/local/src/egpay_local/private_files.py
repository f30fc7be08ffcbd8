"""Private files: creates and tightens what only its owner may read, whatever the umask.

Names, addresses, invitation links and passwords are in the launcher's folders. PostgreSQL is the one reader
with another account, and only when root starts it: the folders above its own then let its group pass, and
show it nothing (see `egpay_local.os_account`).
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

UMASK = 0o077
"""Umask of every program that the launcher starts: what they write is theirs alone."""

_OTHERS = 0o077


def make_folder(folder: Path) -> Path:
    """Creates a folder of mode 700 with its parents; tightens one that exists."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def write(path: Path, text: str) -> None:
    """Writes a file of mode 600 atomically: a reader sees the old text, the new one or no file."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(text)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def is_open_to_others(path: Path) -> bool:
    """Whether group or others have any right to a file; False when there is none."""
    try:
        return bool(path.stat().st_mode & _OTHERS)
    except FileNotFoundError:
        return False


def opened(path: str, flags: int) -> int:
    """Opener for `open`: a file that it creates, or that exists, has mode 600 from the first byte."""
    descriptor = os.open(path, flags, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


def tighten(folder: Path, passable: Mapping[Path, int] | None = None) -> None:
    """Takes every right of group and others from all that is below `folder`, follows no link.

    `passable` names folders with their group, whose members may pass through them.
    """
    groups = passable or {}
    for where, folders, files, descriptor in os.fwalk(folder, follow_symlinks=False):
        _restrict(descriptor, groups.get(Path(where)))
        for name in (*files, *folders):
            _restrict_entry(name, descriptor)


def _restrict_entry(name: str, folder: int) -> None:
    """Restricts a file; a folder is restricted when the walk enters it, through its own descriptor."""
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if not stat.S_ISREG(mode) or not mode & _OTHERS:
            return
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except FileNotFoundError:  # a program of an earlier start was faster in removing it
        return
    try:
        _restrict(descriptor)
    finally:
        os.close(descriptor)


def _restrict(descriptor: int, group: int | None = None) -> None:
    state = os.fstat(descriptor)
    wanted = (stat.S_IMODE(state.st_mode) & ~_OTHERS) | (0o010 if group is not None else 0)
    if group is not None and state.st_gid != group:
        os.fchown(descriptor, -1, group)
    if stat.S_IMODE(state.st_mode) != wanted:
        os.fchmod(descriptor, wanted)

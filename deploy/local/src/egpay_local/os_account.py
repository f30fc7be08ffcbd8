"""PostgreSQL refuses to run as root: which account runs it, so that one command also works in a container.

Started as root, PostgreSQL runs as `nobody`. Nothing of the user's is chmodded for that: what `nobody` has to
reach is copied or created in a place it can enter (see `egpay_local.paths`).
"""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path


class NoOsAccount(Exception):
    """There is nobody to run PostgreSQL as."""


@dataclass(frozen=True, slots=True)
class OsAccount:
    """Who runs a server; without a uid it is simply whoever started us."""

    uid: int | None = None
    gid: int | None = None

    def chown(self, path: Path) -> None:
        """Hands over one file or folder that we created ourselves."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether every folder on the way lets this account pass."""
        if self.uid is None:
            return True
        there = folder.resolve()
        return all(step.stat().st_mode & 0o001 for step in (there, *there.parents) if step.exists())


MYSELF = OsAccount()


def for_postgres() -> OsAccount:
    """Ourselves, or `nobody` when we are root (initdb needs a name in the password file, so a bare uid won't do)."""
    if os.geteuid() != 0:
        return MYSELF
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise NoOsAccount(
            "PostgreSQL refuses root, and there is no user `nobody`: run as a normal user."
        ) from None
    return OsAccount(uid=nobody.pw_uid, gid=nobody.pw_gid)

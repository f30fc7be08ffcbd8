"""OS account of PostgreSQL, which refuses to run as root, so that one command works in a container.

Started as root, PostgreSQL runs as `nobody`. Nothing of the user's is chmodded for that: what `nobody` has to
reach is copied or created in a place it can enter (see `egpay_local.paths`).
"""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path


class NoOsAccount(Exception):
    """There is no account to run PostgreSQL as."""


@dataclass(frozen=True, slots=True)
class OsAccount:
    """The account that runs a server; without a uid it is the launcher's own."""

    uid: int | None = None
    gid: int | None = None

    def chown(self, path: Path) -> None:
        """Changes the owner of one file or folder that we created ourselves."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def take_over(self, tree: Path) -> None:
        """Changes the owner of everything below a folder that we created ourselves, unless done before."""
        if self.uid is None or tree.lstat().st_uid == self.uid:
            return
        for path in (*tree.rglob("*"), tree):
            os.chown(path, self.uid, self.gid or -1, follow_symlinks=False)

    def let_pass(self, folder: Path) -> None:
        """Lets this account's group pass through a folder of ours and see nothing of it; others neither."""
        if self.gid is not None:
            os.chown(folder, -1, self.gid)
        folder.chmod(0o700 if self.gid is None else 0o710)

    def can_enter(self, folder: Path) -> bool:
        """Whether this account may enter every folder on the way."""
        if self.uid is None:
            return True
        there = folder.resolve()
        return all(self._may_pass(step.stat()) for step in (there, *there.parents) if step.exists())

    def _may_pass(self, folder: os.stat_result) -> bool:
        by_group = folder.st_gid == self.gid and folder.st_mode & 0o010
        return bool(folder.st_mode & 0o001 or by_group)


MYSELF = OsAccount()


def for_postgres() -> OsAccount:
    """Returns our account, or `nobody` for root.

    initdb needs a name in the password file, so a bare uid is not enough.
    """
    if os.geteuid() != 0:
        return MYSELF
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise NoOsAccount(
            "PostgreSQL refuses root, and there is no user `nobody`: run as a normal user."
        ) from None
    return OsAccount(uid=nobody.pw_uid, gid=nobody.pw_gid)

"""Environment of the launcher, read only here: the machine is respected, never guessed."""

import os
from collections.abc import Mapping

from egpay_local import variables

_LOCAL = "127.0.0.1,localhost"


def inherited() -> dict[str, str]:
    """What every child sees of this machine: paths, certificates, locale."""
    return dict(os.environ)  # noqa: TID251  the launcher composes environments for other programs


def inheritable(given: Mapping[str, str]) -> dict[str, str]:
    """Filters what our programs inherit: no leftovers of an earlier run, and no proxy between them."""
    passed_on = {name: value for name, value in given.items() if name not in variables.EVERY_SPELLING}
    return {
        **passed_on,
        **{name: ",".join(filter(None, (_LOCAL, given.get(name)))) for name in ("NO_PROXY", "no_proxy")},
    }


def started_by_make() -> bool:
    return "MAKELEVEL" in inherited()


def minimal() -> dict[str, str]:
    """Environment of servers that must not be misled by PGDATA, PGPORT or a foreign locale."""
    return {"PATH": inherited().get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def sourceable(variables: Mapping[str, str]) -> str:
    """Writes the variables as a file that a shell can source."""
    quoted = ((name, value.replace("'", "'\\''")) for name, value in sorted(variables.items()))
    return "".join(f"export {name}='{value}'\n" for name, value in quoted)

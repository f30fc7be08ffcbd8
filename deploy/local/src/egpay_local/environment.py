"""Environment of the launcher, read only here: the machine and `.env` are respected, never guessed."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

_OURS = re.compile(
    "(DATABASE_URL|NATS_URL|STRIPE_.*|PUBLIC_URL|STOREFRONT_URL|CORS_ORIGINS|SMTP_URL|MAIL_FROM|WAREHOUSE_.*|HOST|PORT"
    "|WORKERS|LOG_LEVEL|LOG_FORMAT)(_FILE)?"
)
_LOCAL = "127.0.0.1,localhost"


def inherited() -> dict[str, str]:
    """What every child sees of this machine: paths, certificates, locale."""
    return dict(os.environ)  # noqa: TID251  the launcher composes environments for other programs


def inheritable(given: Mapping[str, str]) -> dict[str, str]:
    """Filters what our programs inherit: no leftovers of an earlier run, and no proxy between them."""
    passed_on = {name: value for name, value in given.items() if not _OURS.fullmatch(name)}
    return {
        **passed_on,
        **{name: ",".join(filter(None, (_LOCAL, given.get(name)))) for name in ("NO_PROXY", "no_proxy")},
    }


def started_by_make() -> bool:
    return "MAKELEVEL" in inherited()


def minimal() -> dict[str, str]:
    """Environment of servers that must not be misled by PGDATA, PGPORT or a foreign locale."""
    return {"PATH": inherited().get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def with_dotenv(checkout: Path) -> dict[str, str]:
    """Merges the environment over `.env`: an exported variable wins over the file, as everywhere else."""
    return {**read_dotenv(checkout / ".env"), **inherited()}


def read_dotenv(path: Path) -> dict[str, str]:
    """Parses plain NAME=value lines; drops quotes around a value, skips comments and blank lines."""
    if not path.is_file():
        return {}
    lines = (line.strip().removeprefix("export ") for line in path.read_text().splitlines())
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, value in pairs}


def sourceable(variables: Mapping[str, str]) -> str:
    """Writes the variables as a file that a shell can source."""
    quoted = ((name, value.replace("'", "'\\''")) for name, value in sorted(variables.items()))
    return "".join(f"export {name}='{value}'\n" for name, value in quoted)

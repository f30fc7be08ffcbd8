"""Configuration, read once at the start: a service that is set up wrong says everything that is wrong, and stops.

The only reader of the environment. Every variable may also be given as NAME_FILE, the path of a file that holds the
value (a mounted secret). An empty value counts as absent. Secrets have no readable repr.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

import msgspec


class Secret:
    """A value that must be asked for by name to be seen: no log line or traceback shows it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        """Keep the value out of sight."""
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the one place that needs it."""
        return self._value

    def __repr__(self) -> str:
        """Show that there is one, not which."""
        return "Secret(***)"


class SettingsError(Exception):
    """The environment is incomplete or malformed; the message lists every fault, and no value of a secret."""


Proxy = Annotated[str, msgspec.Meta(pattern=r"^(\*|[0-9A-Fa-f:.]+(/[0-9]{1,3})?)$")]
HttpUrl = Annotated[str, msgspec.Meta(pattern=r"^https?://[^/\s]+")]


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """What every process needs."""

    database_url: Secret
    """`postgresql://user:password@host:port/database`."""
    nats_url: Secret
    """`nats://user:password@host:port`, comma-separated for a cluster."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8000
    """Port to listen on; 0 takes a free one."""
    workers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    """Processes that share the port."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least severity that is logged."""
    log_format: Literal["json", "console"] = "json"
    """`json`: one object a line; `console`: for people."""
    trusted_proxies: tuple[Proxy, ...] = ()
    """Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, comma-separated addresses or networks; `*`
    for every peer, where only proxies can connect; none unless they are named."""


S = TypeVar("S", bound=msgspec.Struct)


def from_env(kind: type[S], env: Mapping[str, str] | None = None) -> S:
    """Read `kind` from the environment (or a given mapping); raise SettingsError that names every fault at once."""
    source = os.environ if env is None else env  # noqa: TID251 - this is its one place
    values: dict[str, Any] = {}
    faults: list[str] = []
    for field in msgspec.structs.fields(kind):
        name = field.name.upper()
        try:
            text = _lookup(name, source)
            if text:
                values[field.name] = _parse(text, field.type)
            elif field.required:
                faults.append(f"{name}: is missing")
        except (OSError, ValueError) as fault:
            faults.append(f"{name}: {_explain(fault, field.type)}")
    if faults:
        raise SettingsError(
            "the configuration is not usable:\n" + "\n".join(f"  {fault}" for fault in faults)
        )
    return kind(**values)


def _lookup(name: str, source: Mapping[str, str]) -> str:
    path = source.get(f"{name}_FILE")
    if path and not source.get(name):
        return Path(path).read_text(encoding="utf-8").strip()
    return source.get(name, "").strip()


def _parse(text: str, kind: Any) -> Any:
    if get_origin(kind) is tuple:
        item = get_args(kind)[0]
        return tuple(_parse(part.strip(), item) for part in text.split(",") if part.strip())
    if kind is Secret or Secret in get_args(kind):
        return Secret(text)
    return msgspec.convert(text, kind, strict=False)


def _explain(fault: Exception, kind: Any) -> str:
    if isinstance(fault, OSError):
        return f"its file cannot be read ({fault.strerror})"
    if get_origin(kind) is Literal:
        return "must be one of " + ", ".join(map(str, get_args(kind)))
    return str(fault).partition(" - at")[0]

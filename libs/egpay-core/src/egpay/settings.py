"""Configuration, read once at the start: a service that is set up wrong says everything that is wrong, and stops.

The only reader of the environment. Every variable may also be given as NAME_FILE, the path of a file that holds the
value (a mounted secret). An empty value counts as absent, an empty file is a fault. Secrets have no readable
repr, and no fault quotes a value: it may be a secret in the wrong variable.

A type says how its text is checked: `Annotated[Secret, check]`, where `check` raises ValueError or an EgpayError.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from egpay import setting_checks
from egpay.domain.errors import EgpayError


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


DatabaseUrl = Annotated[Secret, setting_checks.database_url]
NatsUrl = Annotated[Secret, setting_checks.nats_url]
CertificateFile = Annotated[str, setting_checks.certificates]
StripeKey = Annotated[Secret, setting_checks.api_key]
Host = Annotated[str, setting_checks.bind_host]
Proxies = Annotated[tuple[str, ...], setting_checks.proxies]
HttpUrl = Annotated[str, setting_checks.http_url]
BaseUrl = Annotated[str, setting_checks.base_url]
WarehouseSecret = Annotated[Secret, setting_checks.base64_secret]
TOGETHER = (frozenset({"app_webhook_url", "app_webhook_secret"}),)
"""Variables of which a program is given all or none."""


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """What every process needs."""

    database_url: DatabaseUrl
    """`postgresql://user:password@host:port/database`."""
    nats_url: NatsUrl
    """`nats://user:password@host:port` or `tls://`, comma-separated for a cluster."""
    nats_ca_file: CertificateFile | None = None
    """Path of the PEM certificates by which a broker with TLS is trusted; the machine's own unless given."""
    host: Host = "127.0.0.1"
    """Address to listen on."""
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8000
    """Port to listen on; 0 takes a free one."""
    workers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    """Processes that share the port."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """Least severity that is logged."""
    log_format: Literal["json", "console"] = "json"
    """`json`: one object a line; `console`: for people."""
    trusted_proxies: Proxies = ()
    """Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, comma-separated addresses or networks; `*`
    for every peer, where only proxies can connect; none unless they are named."""


S = TypeVar("S", bound=msgspec.Struct)


def from_env(kind: type[S], env: Mapping[str, str] | None = None) -> S:
    """Read `kind` from the environment (or a given mapping); raise SettingsError that names every fault at once."""
    values, faults = _read(kind, os.environ if env is None else env)  # noqa: TID251 - this is its one place
    if faults:
        raise SettingsError(describe(faults))
    return kind(**values)


def find_faults(kind: type[msgspec.Struct], env: Mapping[str, str]) -> dict[str, str]:
    """The faults of each variable of `kind`, for a program that starts others and names theirs before it does."""
    return _read(kind, env)[1]


def describe(faults: Mapping[str, str]) -> str:
    """The message for all faults, a line each."""
    lines = (f"  {name}: {fault}" for name, fault in faults.items())
    return "\n".join(("the configuration is not usable:", *lines))


def lookup(name: str, env: Mapping[str, str]) -> str:
    """The text of a variable, from NAME_FILE when NAME is empty; raises OSError or ValueError for a bad file."""
    text, path = env.get(name, "").strip(), env.get(f"{name}_FILE", "").strip()
    if text or not path:
        return text
    try:
        content = Path(path).read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError:
        raise ValueError(f"its file ({name}_FILE) is no UTF-8 text") from None
    if not content:
        raise ValueError(f"its file ({name}_FILE) is empty")
    return content


def _read(kind: type[msgspec.Struct], env: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    values: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for field in msgspec.structs.fields(kind):
        name = field.name.upper()
        try:
            text = lookup(name, env)
            if text:
                setting_checks.plain(text)
                values[field.name] = _parse(text, field.type)
            elif field.required:
                faults[name] = "is missing"
        except OSError as fault:
            faults[name] = f"its file cannot be read ({fault.strerror})"
        except (ValueError, EgpayError) as fault:
            faults[name] = str(fault)
    for pair in (one for one in TOGETHER if one <= set(kind.__struct_fields__)):
        given = {name for name in pair if name in values or name.upper() in faults}
        if given and given != pair:
            beside = ", ".join(sorted(name.upper() for name in given))
            faults.update({name.upper(): f"is missing beside {beside}" for name in pair - given})
    return values, faults


def _parse(text: str, kind: Any) -> Any:
    if get_origin(kind) in (Union, UnionType):  # `X | None`
        kind = next(part for part in get_args(kind) if part is not type(None))
    base, *notes = get_args(kind) if get_origin(kind) is Annotated else (kind,)
    for check in filter(callable, notes):
        check(text)
    if get_origin(base) is tuple:
        return tuple(_parse(part, get_args(base)[0]) for part in setting_checks.entries(text))
    if get_origin(base) is Literal:
        return _chosen(text, get_args(base))
    if base is int:
        return _number(text, next((note for note in notes if isinstance(note, msgspec.Meta)), msgspec.Meta()))
    return Secret(text) if base is Secret else _converted(text, kind)


def _chosen(text: str, words: tuple[str, ...]) -> str:
    if text not in words:
        raise ValueError("must be one of " + ", ".join(words))
    return text


def _converted(text: str, kind: Any) -> Any:
    try:
        return msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError:
        raise ValueError("is malformed") from None


def _number(text: str, bounds: msgspec.Meta) -> int:
    least, most = bounds.ge or 0, bounds.le
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) < least or (most is not None and int(text) > most):
        raise ValueError(f"must be a whole number from {least}" + ("" if most is None else f" to {most}"))
    return int(text)

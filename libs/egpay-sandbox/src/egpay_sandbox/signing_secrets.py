"""Signing secrets: come from the environment or from files, because `ps` shows a command line to everyone."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

_WEBHOOK = re.compile(r"whsec_[A-Za-z0-9_+/=-]+")
_STANDARD = re.compile(r"whsec_[A-Za-z0-9+/]{2,}={0,2}")


class MalformedSecrets(Exception):
    """A given secret is none; the message names every such variable and holds no value."""


class SigningSecrets(TypedDict, total=False):
    """Settings of `Config` that no command line takes; what is not given keeps its published demo value."""

    webhook_secret: str
    warehouse_secret: str
    app_secret: str


def from_environment(environment: Mapping[str, str]) -> SigningSecrets:
    """Reads each secret from NAME, else from the file that NAME_FILE names; leaves out what is not given."""
    faults: list[str] = []
    found = SigningSecrets()
    if webhook := _secret("SANDBOX_WEBHOOK_SECRET", _WEBHOOK, environment, faults):
        found["webhook_secret"] = webhook
    if warehouse := _secret("SANDBOX_WAREHOUSE_SECRET", _STANDARD, environment, faults):
        found["warehouse_secret"] = warehouse
    if app := _secret("SANDBOX_APP_SECRET", _STANDARD, environment, faults):
        found["app_secret"] = app
    if faults:
        raise MalformedSecrets("\n".join(("the configuration is not usable:", *(f"  {f}" for f in faults))))
    return found


def _secret(
    name: str, form: "re.Pattern[str]", environment: Mapping[str, str], faults: list[str]
) -> str | None:
    try:
        secret = _lookup(name, environment)
    except OSError as fault:
        faults.append(f"{name}: its file cannot be read ({fault.strerror})")
    except ValueError as fault:
        faults.append(f"{name}: {fault}")
    else:
        if not secret or form.fullmatch(secret):
            return secret
        faults.append(f"{name}: must be a signing secret, whsec_..., without quotes")
    return None


def _lookup(name: str, environment: Mapping[str, str]) -> str:
    secret, path = environment.get(name, "").strip(), environment.get(f"{name}_FILE", "").strip()
    if secret or not path:
        return secret
    try:
        content = Path(path).read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError:
        raise ValueError(f"its file ({name}_FILE) is no UTF-8 text") from None
    if not content:
        raise ValueError(f"its file ({name}_FILE) is empty")
    return content

"""Signing secrets: come from the environment or from files, because `ps` shows a command line to everyone."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict


class SigningSecrets(TypedDict, total=False):
    """Settings of `Config` that no command line takes; what is not given keeps its published demo value."""

    webhook_secret: str
    warehouse_secret: str


def from_environment(environment: Mapping[str, str]) -> SigningSecrets:
    """Reads each secret from NAME, else from the file that NAME_FILE names; leaves out what is not given."""
    found = SigningSecrets()
    if webhook := _secret("SANDBOX_WEBHOOK_SECRET", environment):
        found["webhook_secret"] = webhook
    if warehouse := _secret("SANDBOX_WAREHOUSE_SECRET", environment):
        found["warehouse_secret"] = warehouse
    return found


def _secret(name: str, environment: Mapping[str, str]) -> str:
    path = environment.get(f"{name}_FILE")
    if path and not environment.get(name):
        return Path(path).read_text(encoding="utf-8").strip()
    return environment.get(name, "").strip()

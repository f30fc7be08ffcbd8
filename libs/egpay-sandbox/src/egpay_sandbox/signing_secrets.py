"""Signing secrets: come from the environment or from files, because `ps` shows a command line to everyone."""

from collections.abc import Mapping
from pathlib import Path

_VARIABLES = {"webhook_secret": "SANDBOX_WEBHOOK_SECRET", "warehouse_secret": "SANDBOX_WAREHOUSE_SECRET"}


def from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Reads each secret from NAME, else from the file that NAME_FILE names; leaves out what is not given."""
    given = {field: _secret(name, environment) for field, name in _VARIABLES.items()}
    return {field: secret for field, secret in given.items() if secret}


def _secret(name: str, environment: Mapping[str, str]) -> str:
    path = environment.get(f"{name}_FILE")
    if path and not environment.get(name):
        return Path(path).read_text(encoding="utf-8").strip()
    return environment.get(name, "").strip()

"""Secrets between egpay and its stand-ins, generated once, because later deliveries must verify too."""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from egpay.domain.api_key import PREFIX
from egpay_local import private_files
from egpay_local.database_roles import LOGINS

STRIPE_SANDBOX = "sk_test_sandbox"


@dataclass(frozen=True, slots=True)
class GeneratedSecrets:
    """Secrets that live as long as the data they belong to; `make clean` removes both."""

    stripe_key: str
    stripe_webhook_secret: str
    warehouse_secret: str
    role_passwords: Mapping[str, str]
    app_webhook_secret: str
    api_key: str


def load_or_generate(file: Path) -> GeneratedSecrets:
    """Loads the secrets of the first start from a file that only its owner may read; generates what it lacks."""
    stored = json.loads(file.read_text()) if file.exists() else {}
    fresh = asdict(_generate())
    passwords = {**fresh["role_passwords"], **stored.get("role_passwords", {})}
    secret_by_name = {**fresh, **stored, "role_passwords": passwords}
    if secret_by_name != stored:
        private_files.write(file, json.dumps(secret_by_name))
    return GeneratedSecrets(**secret_by_name)


def _generate() -> GeneratedSecrets:
    return GeneratedSecrets(
        stripe_key=STRIPE_SANDBOX + secrets.token_hex(12),
        stripe_webhook_secret=f"whsec_{secrets.token_hex(24)}",
        warehouse_secret=_standard_webhooks_secret(),
        role_passwords={login.role: secrets.token_urlsafe(24) for login in LOGINS},
        app_webhook_secret=_standard_webhooks_secret(),
        api_key=f"{PREFIX}{secrets.token_urlsafe(32)}",
    )


def _standard_webhooks_secret() -> str:
    return f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}"

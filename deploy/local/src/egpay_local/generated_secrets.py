"""Secrets between egpay and its stand-ins, generated once, because later deliveries must verify too."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from egpay_local import private_files

STRIPE_SANDBOX = "sk_test_sandbox"


@dataclass(frozen=True, slots=True)
class GeneratedSecrets:
    """Secrets that live as long as the data they belong to; `make clean` removes both."""

    stripe_key: str
    stripe_webhook_secret: str
    warehouse_secret: str


def load_or_generate(file: Path) -> GeneratedSecrets:
    """Loads the secrets of the first start from a file that only its owner may read, or generates them."""
    if file.exists():
        return GeneratedSecrets(**json.loads(file.read_text()))
    generated = GeneratedSecrets(
        stripe_key=STRIPE_SANDBOX + secrets.token_hex(12),
        stripe_webhook_secret=f"whsec_{secrets.token_hex(24)}",
        warehouse_secret=f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}",
    )
    private_files.write(file, json.dumps(asdict(generated)))
    return generated

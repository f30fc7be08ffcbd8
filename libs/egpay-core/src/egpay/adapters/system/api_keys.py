"""API keys: drawn from the operating system's randomness, 256 bits each."""

import secrets

from egpay.domain.api_key import PREFIX


def new_api_key() -> str:
    """A new key, to be shown once."""
    return f"{PREFIX}{secrets.token_urlsafe(32)}"

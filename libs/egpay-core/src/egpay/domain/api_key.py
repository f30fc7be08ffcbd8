"""API key: proves that a call is the product's own; only the SHA-256 of a key is configured, never the key.

A key is drawn at random with 256 bits, so that its plain hash cannot be guessed back, unlike that of a password.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable

PREFIX = "egk_"
"""Of every key, so that a scanner of sources, and a redaction of ours, finds one that was lost."""
_ENTRY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}:[0-9a-f]{64}")
_LONGEST = 200


def api_key_hash(key: str) -> str:
    """The SHA-256 of a key, in hexadecimal."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def check_entry(text: str) -> None:
    """Raise ValueError for what is no entry of API_KEYS, `name:sha256`."""
    if not _ENTRY.fullmatch(text):
        raise ValueError(
            "must be entries name:sha256, comma-separated, as `egpay access new-key` prints them"
        )


class ApiKeys:
    """API keys by their hashes; verifies in a time that tells nothing of how near a guess was."""

    __slots__ = ("_hashes",)

    def __init__(self, entries: Iterable[str]) -> None:
        """Accept the keys of these entries, `name:sha256`; without any, none is accepted."""
        self._hashes = tuple(entry.rpartition(":")[2].encode() for entry in entries)

    def accepts(self, key: str) -> bool:
        """Whether it is one of the keys; compares with every hash, also after one was found."""
        if not 0 < len(key) <= _LONGEST:
            return False
        given = api_key_hash(key).encode()
        return sum([hmac.compare_digest(given, each) for each in self._hashes]) > 0

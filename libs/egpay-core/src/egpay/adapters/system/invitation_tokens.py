"""Link tokens: derived from the worker's secrets, so that a retry sends the very link that may have left before.

The database keeps the hash of a token and nothing to make it from. A token needs two secrets: the login of the worker,
with which an invitation could be written anyway, and the provider's key, which cannot be guessed from a hash. So the
derivation gives no new power to those who know one of them, and it needs no further secret. When one is rolled between
two tries, the second sends another token, and the first ends.
"""

import base64
import hashlib
import hmac
from urllib.parse import urlsplit

import msgspec

from egpay.domain.account import User
from egpay.domain.values import EmailKey, MessageId


class InvitationTokens:
    """Derives the token of an invitation: 256 bits by HMAC-SHA-256, URL-safe."""

    __slots__ = ("_key",)

    def __init__(self, *, database_url: str, provider_key: str) -> None:
        """Both are secrets, and neither can be computed from a token (HKDF's first step, RFC 5869)."""
        self._key = _extract(b"egpay invitation token, version 1", database_url, provider_key)

    def __call__(self, command: MessageId, user: User) -> str:
        """The token that this command invites this user with; another address gets another one."""
        return _derive(self._key, [command, user.id, user.email])


class PortalTokens:
    """Derives the token of a link to the billing portal, under a purpose of its own."""

    __slots__ = ("_key",)

    def __init__(self, *, database_url: str, provider_key: str) -> None:
        """As with InvitationTokens."""
        self._key = _extract(b"egpay portal token, version 1", database_url, provider_key)

    def __call__(self, command: MessageId, key: EmailKey) -> str:
        """The token that this command mails to this e-mail."""
        return _derive(self._key, [command, key])


def _extract(purpose: bytes, database_url: str, provider_key: str) -> bytes:
    login = urlsplit(database_url).password or ""
    return hmac.digest(purpose, msgspec.json.encode([login, provider_key]), hashlib.sha256)


def _derive(key: bytes, about: list[str]) -> str:
    digest = hmac.digest(key, msgspec.json.encode(about), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

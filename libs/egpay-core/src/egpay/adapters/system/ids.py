"""Ids and tokens: random where nothing may be guessed, derived where a retry must yield the same.

The token of an invitation is derived from the worker's secrets, so that a retry sends the very link that may have left
before. The database keeps its hash and nothing to make it from. A token needs two secrets: the login of the worker,
with which an invitation could be written anyway, and the provider's key, which cannot be guessed from a hash. So the
derivation gives no new power to those who know one of them, and it needs no further secret. When one is rolled between
two tries, the second sends another token, and the first ends.
"""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

import msgspec

from egpay.domain.account import User
from egpay.domain.values import MessageId, SaleId


def new_sale_id() -> SaleId:
    """`sale_` and 26 letters and digits: 128 random bits.

    RFC 4648 base 32 without padding, in lower case."""
    return SaleId("sale_" + base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower())


_PURPOSE = b"egpay invitation token, version 1"


class InvitationTokens:
    """Derives the token of an invitation: 256 bits by HMAC-SHA-256, URL-safe."""

    __slots__ = ("_key",)

    def __init__(self, *, database_url: str, provider_key: str) -> None:
        """Both are secrets, and neither can be computed from a token (HKDF's first step, RFC 5869)."""
        login = urlsplit(database_url).password or ""
        self._key = hmac.digest(_PURPOSE, msgspec.json.encode([login, provider_key]), hashlib.sha256)

    def __call__(self, command: MessageId, user: User) -> str:
        """The token that this command invites this user with; another address gets another one."""
        about = msgspec.json.encode([command, user.id, user.email])
        return base64.urlsafe_b64encode(hmac.digest(self._key, about, hashlib.sha256)).rstrip(b"=").decode()

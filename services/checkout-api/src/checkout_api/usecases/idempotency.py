"""Idempotency keys: a caller's key leads a retry to the sale of its first request, so it sells once."""

import hashlib
from datetime import datetime, timedelta

import msgspec

from checkout_api.usecases.errors import IdempotencyInProgress, IdempotencyMismatch
from egpay.domain.values import SaleId
from egpay.ports.storage import KeyState, UnitOfWork


async def claim(uow: UnitOfWork, key: str, body: object, *, at: datetime, lease: timedelta) -> SaleId | None:
    """Claim the key for this body under a `lease`; return the sale that it led to before, if any.

    Raises IdempotencyMismatch when the key was used for another body, IdempotencyInProgress while its first request is
    under way (draft-ietf-httpapi-idempotency-key-header, section 2.6).
    """
    attempt = await uow.idempotency_keys.claim(key, fingerprint(body), at=at, until=at + lease)
    if attempt.replay is KeyState.MISMATCH:
        raise IdempotencyMismatch("this Idempotency-Key was used for another order")
    if attempt.replay is KeyState.IN_PROGRESS:
        raise IdempotencyInProgress("the first request with this Idempotency-Key is still under way")
    return attempt.sale_id


def fingerprint(body: object) -> bytes:
    """Return the SHA-256 of canonical JSON: order of fields and white space make no difference."""
    return hashlib.sha256(msgspec.json.encode(body, order="deterministic")).digest()

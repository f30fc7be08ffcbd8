"""Idempotency keys: a retried request gets the first answer again, so that it opens no second session."""

import hashlib

import msgspec

from egpay_sandbox.sqlite_store import SqliteStore
from egpay_sandbox.stripe.api_errors import StripeApiError

_DAY = 24 * 3600


class IdempotentResponse(msgspec.Struct, frozen=True, kw_only=True, rename={"fingerprint": "asked"}):
    """Stored response of an idempotency key, with the request's fingerprint. `at` is Unix seconds."""

    id: str
    fingerprint: str
    status: int
    body: bytes
    request: str
    at: int


class IdempotencyCache:
    """Stores answers by keys of up to 255 characters for at least a day.

    docs.stripe.com/api/idempotent_requests
    """

    def __init__(self, sqlite_store: SqliteStore) -> None:
        self._collection = sqlite_store.collection("first_answers", IdempotentResponse)

    def find(self, key: str, fingerprint: str, now: int) -> IdempotentResponse | None:
        """Loads the first answer, or None; refuses another request under the same key."""
        if len(key) > 255:
            raise StripeApiError(
                "Idempotency keys can be at most 255 characters.", kind="idempotency_error", code=None
            )
        stored = self._collection.get(key)
        if stored is None or now - stored.at > _DAY:
            return None
        if stored.fingerprint != fingerprint:
            raise StripeApiError(
                "Keys for idempotent requests can only be used with the same parameters they were first used "
                f"with. Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
                code="idempotency_key_in_use" if stored.status == 0 else None,
            )
        return stored

    def store(self, key: str, fingerprint: str, status: int, body: bytes, *, request: str, now: int) -> None:
        """Stores an answer: also a failure, but not a refusal of parameters, because that did nothing."""
        if status != 400:
            self._collection.store(
                IdempotentResponse(
                    id=key, fingerprint=fingerprint, status=status, body=body, request=request, at=now
                )
            )


def fingerprint(method: str, path: str, pairs: list[tuple[str, str]]) -> str:
    """Hashes what makes two requests the same: method, path, and parameters in any order."""
    text = "\n".join([method, path, *(f"{key}={value}" for key, value in sorted(pairs))])
    return hashlib.sha256(text.encode()).hexdigest()

"""A retried request gets the first answer again: nobody opens two sessions by trying twice."""

import hashlib

import msgspec

from egpay_sandbox.sqlite_store import SqliteStore
from egpay_sandbox.stripe.api_errors import StripeApiError

_DAY = 24 * 3600


class IdempotentResponse(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked under a key, and what was answered. `at` is Unix seconds."""

    id: str
    asked: str
    status: int
    body: bytes
    request: str
    at: int


class IdempotencyCache:
    """docs.stripe.com/api/idempotent_requests: keys of up to 255 characters, kept for at least a day."""

    def __init__(self, diary: SqliteStore) -> None:
        self._shelf = diary.shelf("first_answers", IdempotentResponse)

    def recall(self, key: str, asked: str, now: int) -> IdempotentResponse | None:
        """The first answer, or None; another request under the same key is refused."""
        if len(key) > 255:
            raise StripeApiError(
                "Idempotency keys can be at most 255 characters.", kind="idempotency_error", code=None
            )
        first = self._shelf.get(key)
        if first is None or now - first.at > _DAY:
            return None
        if first.asked != asked:
            raise StripeApiError(
                "Keys for idempotent requests can only be used with the same parameters they were first used "
                f"with. Try using a key other than '{key}' if you meant to execute a different request.",
                kind="idempotency_error",
                code="idempotency_key_in_use" if first.status == 0 else None,
            )
        return first

    def keep(self, key: str, asked: str, status: int, body: bytes, *, request: str, now: int) -> None:
        """Remember an answer: also a failure, but not a refusal of parameters, which did nothing."""
        if status != 400:
            self._shelf.put(
                IdempotentResponse(id=key, asked=asked, status=status, body=body, request=request, at=now)
            )


def fingerprint(method: str, path: str, pairs: list[tuple[str, str]]) -> str:
    """What makes two requests the same: method, path, and parameters in any order."""
    text = "\n".join([method, path, *(f"{key}={value}" for key, value in sorted(pairs))])
    return hashlib.sha256(text.encode()).hexdigest()

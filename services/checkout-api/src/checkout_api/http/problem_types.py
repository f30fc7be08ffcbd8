"""Problem types of this API: each has one word, one status, and says what the caller can do."""

from collections.abc import Mapping

import msgspec
from litestar.exceptions import HTTPException

from checkout_api.http import request_errors
from checkout_api.usecases import errors
from checkout_api.usecases.address_fields import NoSuchCountry
from checkout_api.usecases.organisation_access import NoSuchOrganisation
from checkout_api.usecases.sale_documents import NoSuchDocument
from checkout_api.usecases.sale_status import NoSuchSale
from checkout_api.usecases.withdrawals import NothingToWithdraw, TooManyWithdrawals
from egpay.domain.errors import Outage, Refusal
from egpay.ports.webhooks import BadBody, BadSignature

PATH = "/problems"


class ProblemType(msgspec.Struct, frozen=True):
    """One type of problem; `retry_after` in seconds, where a retry without a change may help."""

    word: str
    status: int
    title: str
    explanation: str
    retry_after: int | None = None
    headers: Mapping[str, str] = {}

    @property
    def type(self) -> str:
        """URI reference of the type, relative to this API."""
        return f"{PATH}/{self.word}"


_CLOSE = {"connection": "close"}
VALIDATION = ProblemType(
    "validation",
    422,
    "The request cannot be taken as it is",
    "`errors` names every field to correct. Nothing was kept.",
)
ALREADY_SUBSCRIBED = ProblemType(
    "already-subscribed",
    409,
    "This e-mail has a subscription",
    "An organisation holds one subscription at a time. POST the e-mail to `manage_url`: a link to pay, change or end"
    " the subscription is mailed to its owner. To order for an organisation that is not one of this e-mail's, send"
    " `another_organisation`: true. Or order devices alone.",
)
IN_PROGRESS = ProblemType(
    "idempotency-in-progress",
    409,
    "The first request with this key is under way",
    "Ask again with the same key and body for its answer.",
    retry_after=1,
)
MISMATCH = ProblemType(
    "idempotency-mismatch",
    422,
    "The key stands for another order",
    "An Idempotency-Key belongs to one body. Take a new key for a new order.",
)
LINK_GONE = ProblemType(
    "link-gone",
    410,
    "This link does not work, or not any more",
    "A link to the billing portal works once, for 30 minutes. Ask for a new one.",
)
INVITATION_USED = ProblemType(
    "invitation-used",
    410,
    "This invitation was used",
    "Its account is entered. Sign in at the product. If it was not you who entered, write to the seller.",
)
INVITATION_EXPIRED = ProblemType(
    "invitation-expired",
    410,
    "This invitation does not work, or not any more",
    "An invitation works once, for 14 days, and a newer one ends it. POST the token to /v1/invitations/renew for a new"
    " e-mail.",
)
RATE_LIMITED = ProblemType(
    "rate-limited", 429, "Too many requests", "Wait as long as Retry-After says.", retry_after=60
)
PROVIDER_DOWN = ProblemType(
    "payment-provider",
    503,
    "The payment page cannot be opened now",
    "The order is kept. Ask again with the same Idempotency-Key to continue it.",
    retry_after=5,
)
PROVIDER_REFUSED = ProblemType(
    "payment-provider",
    502,
    "The payment provider refused to open a page",
    "The same order will be refused again, until the seller has mended the reason.",
)
UNAVAILABLE = ProblemType(
    "unavailable",
    503,
    "The service cannot do this now",
    "Something it depends on is away. Ask again later.",
    retry_after=5,
)
MALFORMED = ProblemType("malformed-body", 400, "The body is not JSON", "Send one JSON object in UTF-8.")
UNSUPPORTED = ProblemType(
    "unsupported-media-type", 415, "The body is not JSON", "Send it with Content-Type application/json."
)
TOO_LARGE = ProblemType("too-large", 413, "The body is too large", "Send less.", headers=_CLOSE)
TOO_SLOW = ProblemType("timeout", 408, "The body did not arrive in time", "Send it faster.", headers=_CLOSE)
BAD_SIGNATURE = ProblemType(
    "bad-signature",
    400,
    "The signature does not fit",
    "It is absent, old, or made with another secret. Nothing was kept.",
)
BAD_BODY = ProblemType(
    "bad-body", 400, "This is not a webhook", "It is signed, but it is not what the sender sends."
)
UNAUTHORIZED = ProblemType(
    "unauthorized",
    401,
    "This needs an API key",
    "Send Authorization: Bearer with a key whose hash is among API_KEYS. Nothing is told without one.",
    headers={"www-authenticate": 'Bearer realm="egpay"'},
)
NOT_FOUND = ProblemType("not-found", 404, "There is nothing here", "Check the path and the id in it.")
NOT_ALLOWED = ProblemType(
    "method-not-allowed",
    405,
    "This route does not take that method",
    "The Allow header names those it takes.",
)
WEBHOOK_METHOD = msgspec.structs.replace(NOT_ALLOWED, headers={"allow": "POST"})
BAD_REQUEST = ProblemType(
    "bad-request", 400, "The request cannot be understood", "Correct it before asking again."
)
INTERNAL = ProblemType(
    "internal", 500, "Something is wrong on our side", "It has been logged. Ask again later."
)

_BY_ERROR: Mapping[type[Exception], ProblemType] = {
    errors.InvalidOrder: VALIDATION,
    errors.AlreadySubscribed: ALREADY_SUBSCRIBED,
    errors.LinkGone: LINK_GONE,
    errors.InvitationUsed: INVITATION_USED,
    errors.InvitationExpired: INVITATION_EXPIRED,
    errors.IdempotencyInProgress: IN_PROGRESS,
    errors.IdempotencyMismatch: MISMATCH,
    errors.PaymentProviderDown: PROVIDER_DOWN,
    errors.PaymentProviderRefused: PROVIDER_REFUSED,
    request_errors.RateLimited: RATE_LIMITED,
    request_errors.MalformedBody: MALFORMED,
    request_errors.UnsupportedMediaType: UNSUPPORTED,
    request_errors.BodyTooLarge: TOO_LARGE,
    request_errors.BodyTooSlow: TOO_SLOW,
    request_errors.MethodNotAllowed: WEBHOOK_METHOD,
    request_errors.Unauthorized: UNAUTHORIZED,
    NoSuchCountry: NOT_FOUND,
    NoSuchOrganisation: NOT_FOUND,
    NoSuchDocument: NOT_FOUND,
    NoSuchSale: NOT_FOUND,
    NothingToWithdraw: NOT_FOUND,
    TooManyWithdrawals: RATE_LIMITED,
    BadSignature: BAD_SIGNATURE,
    BadBody: BAD_BODY,
    Refusal: BAD_REQUEST,
    Outage: UNAVAILABLE,
}
_BY_STATUS = {kind.status: kind for kind in (MALFORMED, UNSUPPORTED, TOO_LARGE, NOT_FOUND, NOT_ALLOWED)}
KINDS = {kind.word: kind for kind in (*_BY_ERROR.values(), NOT_ALLOWED, INTERNAL)}


def kind_of(error: Exception) -> ProblemType:
    """Return the problem type of an error; an unforeseen one is `internal`, ours to repair."""
    if isinstance(error, HTTPException):
        if error.status_code == 400:
            return BAD_REQUEST
        kind = _BY_STATUS.get(error.status_code, BAD_REQUEST if error.status_code < 500 else INTERNAL)
        allow = {name: value for name, value in (error.headers or {}).items() if name.lower() == "allow"}
        return msgspec.structs.replace(kind, headers={**kind.headers, **allow})
    known = (_BY_ERROR[parent] for parent in type(error).__mro__ if parent in _BY_ERROR)
    return next(known, INTERNAL)

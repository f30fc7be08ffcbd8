"""Problem details (RFC 9457): turns every error into one shape, unhandled ones included.

It says what is wrong and who must act. `type` is a path on this API that explains the problem and ends in a stable
word: `/problems/already-subscribed`.
"""

import logging
import math
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response

from checkout_api.http.problem_types import ProblemType, kind_of
from checkout_api.usecases.errors import FieldError, PaymentProviderRefused
from egpay.domain.errors import Outage, Refusal

MEDIA_TYPE = "application/problem+json"

_encode = msgspec.json.Encoder().encode


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of every error. `errors` names each field to correct; at `manage_url` a subscription is managed."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: tuple[FieldError, ...] = ()
    manage_url: str = ""


class ProblemAnswer(msgspec.Struct, frozen=True):
    """An encoded problem with status and headers, for either kind of route."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def answer_to(error: Exception) -> ProblemAnswer:
    """Translate an error into a problem; its headers say what the caller may do about it."""
    kind = kind_of(error)
    problem = problem_of(
        kind,
        detail=_detail(kind, error),
        errors=getattr(error, "errors", ()),
        manage_url=getattr(error, "manage_url", ""),
    )
    return ProblemAnswer(kind.status, _encode(problem), {**kind.headers, **_retry_after(kind, error)})


def problem_of(
    kind: ProblemType,
    *,
    detail: str = "",
    errors: tuple[FieldError, ...] = (),
    manage_url: str = "",
) -> Problem:
    """Build the problem of a type; its explanation is the detail unless there is one."""
    return Problem(
        type=kind.type,
        title=kind.title,
        status=kind.status,
        detail=detail or kind.explanation,
        errors=errors,
        manage_url=manage_url,
    )


def _detail(kind: ProblemType, error: Exception) -> str:
    """Show only texts that we wrote to be shown: the text of any other error may hold anything."""
    if isinstance(error, PaymentProviderRefused) and error.code:
        return f"{kind.explanation} The provider's code: {error.code}."
    return str(error) if isinstance(error, Refusal | Outage) else kind.explanation


def _retry_after(kind: ProblemType, error: Exception) -> dict[str, str]:
    seconds = getattr(error, "retry_after", None) or kind.retry_after
    return {"retry-after": str(max(1, math.ceil(seconds)))} if seconds else {}


_log = logging.getLogger(__name__)


def to_response(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Build Litestar's response from an error: a problem, never a traceback."""
    answer = problem_response(request.scope, error)
    return Response(
        answer.body, status_code=answer.status, headers=dict(answer.headers), media_type=MEDIA_TYPE
    )


def problem_response(scope: Mapping[str, Any], error: Exception) -> ProblemAnswer:
    """Build the problem that answers this ASGI scope; logs it from status 500 on."""
    answer = answer_to(error)
    if answer.status >= 500:
        _note(scope, error, answer.status)
    return answer


def _note(scope: Mapping[str, Any], error: Exception, status: int) -> None:
    """Log an outage or the provider's refusal with its text; of any other error only type and place, because its text
    may hold a name."""
    where = {
        "method": scope["method"],
        "route": scope.get("path_template") or "unmatched",
        "status": status,
    }
    if isinstance(error, Outage):
        _log.warning(
            "request refused by an outage", extra={"action": "request_refused", **where, "reason": str(error)}
        )
        return
    if isinstance(error, PaymentProviderRefused):
        _log.error(
            "payment provider refused", extra={"action": "checkout_refused", **where, "reason": str(error)}
        )
        return
    bare = RuntimeError(type(error).__name__)
    _log.error(
        "request failed",
        exc_info=(RuntimeError, bare, error.__traceback__),
        extra={"action": "request_failed", **where},
    )

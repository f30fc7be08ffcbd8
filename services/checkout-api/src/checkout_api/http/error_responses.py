"""The one place where an error of any kind becomes an answer, and a line in the log if somebody must act on it."""

import logging
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response

from checkout_api.http.problems import MEDIA_TYPE, ProblemAnswer, answer_to
from egpay.domain.errors import Outage

_log = logging.getLogger(__name__)


def to_response(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer with a problem; never with a traceback."""
    answer = problem_response(request.scope, error)
    return Response(
        answer.body, status_code=answer.status, headers=dict(answer.headers), media_type=MEDIA_TYPE
    )


def problem_response(scope: Mapping[str, Any], error: Exception) -> ProblemAnswer:
    """What to say to whoever sent the request of this ASGI scope; told to the log as well if somebody must act."""
    answer = answer_to(error)
    if answer.status >= 500:
        _note(scope, error, answer.status)
    return answer


def _note(scope: Mapping[str, Any], error: Exception, status: int) -> None:
    """An outage is told in its own words. Of anything else only the kind and the place: its text may hold a name."""
    where = {
        "method": scope["method"],
        "route": scope.get("path_template") or "unmatched",
        "status": status,
    }
    if isinstance(error, Outage):
        _log.warning("not answered now", extra={**where, "reason": str(error)})
        return
    bare = RuntimeError(type(error).__name__)
    _log.error("request failed", exc_info=(RuntimeError, bare, error.__traceback__), extra=where)

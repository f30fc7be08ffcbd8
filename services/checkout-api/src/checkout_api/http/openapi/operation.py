"""OpenAPI operation: what the document says of one route."""

from typing import Any

import msgspec

from checkout_api.http.problem_types import ProblemType


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """A route: `body` is the request, `answer` the response, `problems` what may come instead.

    `also` are further statuses with the same answer; `needs_key`: the caller must show an API key; `unchanged`: 304
    where it names the state that it has; `example` is an answer, `body_example` a request that passes validation.
    """

    method: str
    path: str
    summary: str
    status: int = 200
    also: tuple[int, ...] = ()
    answer: Any = None
    answer_type: str = "application/json"
    body: Any = None
    parameters: tuple[str, ...] = ()
    problems: tuple[ProblemType, ...] = ()
    tag: str
    needs_key: bool = False
    unchanged: bool = False
    example: Any = None
    body_example: Any = None

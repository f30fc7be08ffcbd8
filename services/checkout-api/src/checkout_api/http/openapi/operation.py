"""OpenAPI operation: what the document says of one route."""

from typing import Any

import msgspec

from checkout_api.http.problem_types import ProblemType


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """A route: `body` is the request, `answer` the response, `problems` what may come instead.

    `name` is its operationId, of which clients make a method, `summary` a title of a few words. `also` are further
    statuses with the same answer; `security` names what a caller must show; `unchanged`: 304 where it names the state
    that it has; `leads_on`: a browser is redirected (303) to where the answer leads a program; `example` is an answer,
    `body_example` a request that works against the demonstration's catalogue.
    """

    method: str
    path: str
    name: str
    summary: str
    description: str
    tag: str
    status: int = 200
    also: tuple[int, ...] = ()
    answer: Any = None
    answer_type: str = "application/json"
    body: Any = None
    parameters: tuple[str, ...] = ()
    problems: tuple[ProblemType, ...] = ()
    security: str = ""
    unchanged: bool = False
    leads_on: bool = False
    example: Any = None
    body_example: Any = None

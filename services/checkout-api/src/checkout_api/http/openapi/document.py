"""OpenAPI 3.1 document, built from the operations and the structs behind them."""

from collections.abc import Iterator
from importlib.metadata import version
from itertools import groupby
from typing import Any

import msgspec

from checkout_api.http import problems
from checkout_api.http.openapi.operation import Operation
from checkout_api.http.openapi.operations import OPERATIONS
from checkout_api.http.problem_types import ProblemType

_REFERENCE = "#/components/schemas/{name}"


def document(public_url: str) -> dict[str, Any]:
    """Build the document as JSON values; `public_url` is where the outside reaches the API."""
    kinds = [
        part for operation in OPERATIONS for part in (operation.body, operation.answer) if part is not None
    ]
    schemas, components = msgspec.json.schema_components([*kinds, problems.Problem], ref_template=_REFERENCE)
    shapes = iter(schemas)
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        body = next(shapes) if operation.body is not None else None
        answer = next(shapes) if operation.answer is not None else None
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation, body, answer)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "egpay checkout",
            "version": version("checkout-api"),
            "description": "Orders, payment pages, and the webhooks of those who move money and devices.",
        },
        "servers": [{"url": public_url}],
        "paths": paths,
        "components": {
            "schemas": components,
            "parameters": _PARAMETERS,
            "securitySchemes": {"ApiKey": _API_KEY},
        },
    }


def _operation(operation: Operation, body: Any, answer: Any) -> dict[str, Any]:
    description: dict[str, Any] = {
        "tags": [operation.tag],
        "summary": operation.summary,
        "operationId": f"{operation.method}{operation.path}".translate(_NAME).strip("_"),
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in operation.parameters],
        "responses": {
            **{str(status): _answer(operation, answer) for status in (operation.status, *operation.also)},
            **dict(_problems(operation.problems)),
        },
    }
    if operation.unchanged:
        description["responses"]["304"] = {"description": "As the caller knows it.", "headers": _TAGGED}
    if operation.needs_key:
        description["security"] = [{"ApiKey": []}]
    if body is not None:
        content = {"schema": body}
        if operation.body_example is not None:
            content["example"] = operation.body_example
        description["requestBody"] = {"required": True, "content": {"application/json": content}}
    return description


def _answer(operation: Operation, schema: Any) -> dict[str, Any]:
    if schema is None:
        return {"description": "Done; no body."}
    content = {"schema": schema} | ({"example": operation.example} if operation.example else {})
    tagged = {"headers": _TAGGED} if operation.unchanged else {}
    return {"description": "Done.", "content": {operation.answer_type: content}, **tagged}


def _problems(kinds: tuple[ProblemType, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield one response for each status, naming every problem it may be."""
    for status, group in groupby(sorted(kinds, key=lambda kind: kind.status), key=lambda kind: kind.status):
        those = list(group)
        response: dict[str, Any] = {
            "description": " / ".join(f"{kind.word}: {kind.title}." for kind in those),
            "content": {
                problems.MEDIA_TYPE: {
                    "schema": {"$ref": _REFERENCE.format(name="Problem")},
                    "examples": {
                        kind.word: {"value": msgspec.to_builtins(problems.problem_of(kind))} for kind in those
                    },
                }
            },
        }
        if any(kind.retry_after for kind in those):
            seconds = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
            response["headers"] = {"Retry-After": seconds}
        yield str(status), response


_API_KEY = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key of the product's own programs; `egpay access new-key` makes one.",
}
_TAGGED = {"ETag": {"description": "Of this state, for If-None-Match.", "schema": {"type": "string"}}}
_NAME = str.maketrans(dict.fromkeys("/{}", "_"))


def _parameter(name: str, place: str, what: str, *, required: bool = True, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "required": required,
        "description": what,
        "schema": {"type": "string", **schema},
    }


_PARAMETERS = {
    "IdempotencyKey": _parameter(
        "Idempotency-Key",
        "header",
        "The same key and body give the same answer; after a failure they continue the same sale.",
        required=False,
        minLength=1,
        maxLength=255,
        pattern="^[\\x21-\\x7e]+$",
    ),
    "SaleId": _parameter("sale_id", "path", "As given when the order was taken; unguessable."),
    "OrganisationId": _parameter(
        "organisation_id",
        "path",
        "As an invitation, or the news of it, names it.",
        pattern="^org_[A-Za-z0-9]+$",
    ),
    "IfNoneMatch": _parameter("If-None-Match", "header", "The ETag of an earlier answer.", required=False),
    "DocumentKind": _parameter("kind", "path", "As the sale's documents name it.", enum=["invoice"]),
    "Wait": _parameter(
        "wait",
        "query",
        "Seconds to wait for a change, at most 30; 0 answers at once.",
        required=False,
        type="integer",
        minimum=0,
        maximum=30,
        default=0,
    ),
    "Since": _parameter(
        "since",
        "query",
        "The version that the caller knows; without it nothing is waited for.",
        required=False,
        type="integer",
    ),
    "CountryCode": _parameter("code", "path", "By ISO 3166-1, in any case.", pattern="^[A-Za-z]{2}$"),
    "Token": _parameter("token", "path", "As it stands in the link of the e-mail; unguessable, used once."),
    "Word": _parameter("word", "path", "The last part of a problem's type."),
    "StripeSignature": _parameter("Stripe-Signature", "header", "docs.stripe.com/webhooks#verify-manually"),
    "WebhookId": _parameter("webhook-id", "header", "standardwebhooks.com"),
    "WebhookTimestamp": _parameter("webhook-timestamp", "header", "Unix seconds."),
    "WebhookSignature": _parameter(
        "webhook-signature", "header", "`v1,` and base64, several set apart by spaces."
    ),
}

"""OpenAPI 3.1 document, built from the operations and the structs behind them."""

import re
from collections.abc import Iterator
from importlib.metadata import version
from inspect import cleandoc
from itertools import groupby
from typing import Any, get_args

import msgspec

from checkout_api.http import problems
from checkout_api.http.openapi.operation import Operation
from checkout_api.http.openapi.operations import OPERATIONS
from checkout_api.http.openapi.parameters import PARAMETERS
from checkout_api.http.openapi.security import SECURITY_SCHEMES
from checkout_api.http.problem_types import ProblemType

_REFERENCE = "#/components/schemas/{name}"
_DESCRIPTION = """Orders, payment pages, and the webhooks of those who move money and devices.

A request with a field that is not described is refused, and an answer may get further fields: ignore those.
Errors are problem details (RFC 9457); each `type` ends in a stable word and leads to its explanation."""
_TAGS = {
    "storefront": "What a store in a browser calls; no key is needed.",
    "product": "What the product that was sold calls.",
    "webhooks": "What providers call, with a signature over the exact bytes.",
    "operations": "What orchestrators and people who look after the service call.",
}


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
        if body is not None:
            _close(body, components)
    for schema in components.values():
        _tidy(schema)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "egpay checkout",
            "version": version("checkout-api"),
            "description": _DESCRIPTION,
            "contact": {"name": "The shop that runs this API", "url": public_url},
            "license": {"name": "Proprietary", "identifier": "LicenseRef-egpay"},
        },
        "servers": [{"url": public_url}],
        "tags": [{"name": name, "description": what} for name, what in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": components,
            "parameters": PARAMETERS,
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _close(schema: dict[str, Any], components: dict[str, Any]) -> None:
    """Say of a request's objects that they take no further field: a form with one is refused."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if not name:
        for part in (*schema.get("anyOf", ()), schema.get("items")):
            if isinstance(part, dict):
                _close(part, components)
    elif "additionalProperties" not in components[name]:
        components[name]["additionalProperties"] = False
        for part in components[name].get("properties", {}).values():
            _close(part, components)


def _tidy(schema: dict[str, Any]) -> None:
    """Lay a docstring flush left, and say that words are text, which generators of clients ask for."""
    schema["description"] = cleandoc(schema["description"])
    for part in (schema, *schema.get("properties", {}).values()):
        if "enum" in part:
            part["type"] = "string"


def _operation(operation: Operation, body: Any, answer: Any) -> dict[str, Any]:
    description: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "security": [{operation.security: []}] if operation.security else [],
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in operation.parameters],
        "responses": _responses(operation, answer),
    }
    if body is not None:
        content = {"schema": body, "example": operation.body_example}
        description["requestBody"] = {"required": True, "content": {"application/json": content}}
    return description


def _responses(operation: Operation, answer: Any) -> dict[str, Any]:
    responses = {str(status): _answer(operation, answer) for status in (operation.status, *operation.also)}
    if operation.unchanged:
        responses["304"] = {"description": "As the caller knows it.", "headers": _TAGGED}
    if operation.leads_on:
        responses["303"] = {
            "description": "To a browser, and to any that does not ask for JSON.",
            "headers": _LEADS,
        }
    responses |= dict(_problems(operation.problems))
    if not any(status.startswith("4") for status in responses):
        responses["4XX"] = {
            "description": "The request is not one that is taken here.",
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": _REFERENCE.format(name="Problem")}}},
        }
    return responses


def _answer(operation: Operation, schema: Any) -> dict[str, Any]:
    if schema is None:
        return {"description": "Done; no body."}
    content = {"schema": schema} | ({"example": operation.example} if operation.example is not None else {})
    tagged = {"headers": _TAGGED} if operation.unchanged else {}
    return {"description": _said(operation.answer), "content": {operation.answer_type: content}, **tagged}


def _said(answer: Any) -> str:
    """Say what an answer is, by the first sentence about its struct."""
    if listed := get_args(answer):
        return f"A list. {_said(listed[0])}"
    if answer is str:
        return "Text."
    return re.split(r"(?<=\.)\s", cleandoc(answer.__doc__))[0]


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


_TAGGED = {"ETag": {"description": "Of this state, for If-None-Match.", "schema": {"type": "string"}}}
_LEADS = {"Location": {"description": "Where to go.", "schema": {"type": "string", "format": "uri"}}}

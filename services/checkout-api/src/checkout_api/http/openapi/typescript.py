"""TypeScript declarations of the OpenAPI schemas, by which editors and `tsc` check a storefront's scripts.

`python -m checkout_api.http.openapi.typescript > storefront/checks/api.d.ts` writes them again after a shape has changed.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from checkout_api.http.openapi.document import document

_HEAD = "// Made of the description of the API: python -m checkout_api.http.openapi.typescript\n"
_WORDS = {"integer": "number", "number": "number", "string": "string", "boolean": "boolean", "null": "null"}


def declarations() -> str:
    """Declare an exported type for each schema of the document, in its order."""
    schemas: Mapping[str, Any] = document("http://api.test")["components"]["schemas"]
    return "\n".join((_HEAD, *(_declaration(name, schema) for name, schema in schemas.items())))


def _declaration(name: str, schema: Mapping[str, Any]) -> str:
    said = _comment(schema.get("description", ""))
    if "properties" not in schema:
        return f"{said}export type {name} = {_type(schema)};\n"
    return "".join((said, f"export interface {name} {{\n", *_fields(schema), "}\n"))


def _fields(schema: Mapping[str, Any]) -> Iterator[str]:
    required = schema["required"]
    for name, part in schema["properties"].items():
        yield f"  {name}{'' if name in required else '?'}: {_type(part)};\n"


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(_type(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(json.dumps(word) for word in schema["enum"])
    if schema["type"] == "array":
        return f"{_type(schema['items'])}[]"
    if schema["type"] == "object":
        return f"Record<string, {_type(schema['additionalProperties'])}>"
    return _WORDS[schema["type"]]


def _comment(description: str) -> str:
    lines = [f" * {line}".rstrip() for line in description.splitlines()]
    return "\n".join(("/**", *lines, " */\n")) if lines else ""


if __name__ == "__main__":
    sys.stdout.write(declarations())

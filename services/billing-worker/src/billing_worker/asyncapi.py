"""AsyncAPI 3.0 document of all messages on the broker, generated from the structs.

https://www.asyncapi.com/docs/reference/specification/v3.0.0

`python -m billing_worker.asyncapi > docs/asyncapi.json` writes it again after a message has changed.
"""

import sys
from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from egpay.adapters.nats.topology import STREAM
from egpay.adapters.wire import COMMANDS, EVENTS, MESSAGE_ID, PUBLIC
from egpay.domain.commands import Command
from egpay.domain.events import BillingEvent
from egpay.domain.public_events import PUBLIC_EVENTS

_HEADERS = {
    "type": "object",
    "properties": {
        MESSAGE_ID: {
            "type": "string",
            "description": "The message's `id`; the same however often it comes.",
        },
        "traceparent": {"type": "string", "description": "W3C Trace Context, when the trace is known."},
    },
}

_OPERATIONS = {
    EVENTS: ("receive", "billing-worker concludes from it"),
    COMMANDS: ("receive", "billing-worker carries it out"),
    PUBLIC: ("send", "billing-worker tells the product"),
}


def document() -> dict[str, Any]:
    """The description: one channel for each event, command and public event, with its JSON schema."""
    kinds = [(EVENTS, kind) for kind in get_args(BillingEvent)]
    kinds += [(COMMANDS, kind) for kind in get_args(Command)]
    kinds += [(PUBLIC, kind) for kind in PUBLIC_EVENTS]
    _, schemas = msgspec.json.schema_components(
        [kind for _, kind in kinds], ref_template="#/components/schemas/{name}"
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "egpay",
            "version": "1",
            "description": f"JSON on the JetStream stream `{STREAM}`. Ids only: no names, addresses or card data.",
        },
        "channels": {_tag(kind): _channel(prefix, kind) for prefix, kind in kinds},
        "operations": {_tag(kind): _operation(prefix, kind) for prefix, kind in kinds},
        "components": {
            "messages": {_tag(kind): _message(kind) for _, kind in kinds},
            "schemas": {name: _plain(schema) for name, schema in schemas.items()},
        },
    }


def _plain(schema: Any) -> Any:
    """A schema without `discriminator`: OpenAPI's is an object, AsyncAPI's a string beside properties.

    Nothing is lost: each alternative has its own constant as `type`.
    """
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if key != "discriminator"}
    return [_plain(one) for one in schema] if isinstance(schema, list) else schema


def _tag(kind: type[msgspec.Struct]) -> str:
    return str(kind.__struct_config__.tag)


def _channel(prefix: str, kind: type[msgspec.Struct]) -> Mapping[str, Any]:
    tag = _tag(kind)
    return {"address": f"{prefix}.{tag}", "messages": {tag: {"$ref": f"#/components/messages/{tag}"}}}


def _operation(prefix: str, kind: type[msgspec.Struct]) -> Mapping[str, Any]:
    action, summary = _OPERATIONS[prefix]
    return {"action": action, "summary": summary, "channel": {"$ref": f"#/channels/{_tag(kind)}"}}


def _message(kind: type[msgspec.Struct]) -> Mapping[str, Any]:
    return {
        "name": _tag(kind),
        "contentType": "application/json",
        "description": " ".join((kind.__doc__ or "").split()),
        "headers": _HEADERS,
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
    }


def text() -> bytes:
    """The document as a file: indented, in one order."""
    return msgspec.json.format(msgspec.json.encode(document(), order="sorted"), indent=1) + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(text())

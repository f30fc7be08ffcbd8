from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from billing_worker.asyncapi import document, text
from egpay.domain.commands import Command
from egpay.domain.events import BillingEvent
from egpay.domain.public_events import PUBLIC_EVENTS


def test_every_event_and_command_has_its_channel_and_its_schema() -> None:
    described = document()
    addresses = {channel["address"] for channel in described["channels"].values()}
    events = {f"billing.events.{kind.__struct_config__.tag}" for kind in get_args(BillingEvent)}
    commands = {f"billing.commands.{kind.__struct_config__.tag}" for kind in get_args(Command)}
    public = {f"billing.public.{kind.__struct_config__.tag}" for kind in PUBLIC_EVENTS}
    assert addresses == events | commands | public
    for message in described["components"]["messages"].values():
        assert message["description"]
        name = message["payload"]["$ref"].rpartition("/")[2]
        assert {"id", "occurred_at", "source"} <= set(described["components"]["schemas"][name]["properties"])


def test_no_message_has_room_for_personal_data() -> None:
    fields = {
        field
        for schema in document()["components"]["schemas"].values()
        for field in schema.get("properties", {})
    }
    assert not {name for name in fields if any(word in name for word in ("email", "address", "name", "card"))}


def test_the_description_in_docs_is_the_one_that_a_worker_serves() -> None:
    kept = Path(__file__).resolve().parents[3] / "docs" / "asyncapi.json"
    if kept.read_bytes() != text():
        pytest.fail("run `.venv/bin/python -m billing_worker.asyncapi > docs/asyncapi.json`")


def test_it_says_only_what_a_schema_of_asyncapi_may_say() -> None:
    described = document()
    for path, schema in _schemas(described["components"]["schemas"], "schemas"):
        assert not isinstance(schema.get("discriminator"), dict), path


def test_the_alternatives_of_a_field_are_told_apart_by_a_constant() -> None:
    schemas = document()["components"]["schemas"]
    named = [one["$ref"] for one in schemas["TracePayment"]["properties"]["waiting"]["anyOf"]]
    kinds = [schemas[ref.rpartition("/")[2]] for ref in named]
    assert len(kinds) > 1
    assert all("type" in kind["required"] for kind in kinds)
    assert len({tuple(kind["properties"]["type"]["enum"]) for kind in kinds}) == len(kinds)


def test_every_reference_leads_somewhere() -> None:
    described = document()
    references = {
        value for _, found in _schemas(described, "") for key, value in found.items() if key == "$ref"
    }
    assert references
    for reference in references:
        at: Any = described
        for step in reference.removeprefix("#/").split("/"):
            at = at[step]


def _schemas(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object below a value, with its path."""
    if isinstance(value, dict):
        yield path, value
        for key, below in value.items():
            yield from _schemas(below, f"{path}.{key}")
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from _schemas(below, f"{path}.{number}")

from typing import get_args

from billing_worker.asyncapi import document
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

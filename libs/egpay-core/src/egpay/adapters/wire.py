"""Messages as bytes: one JSON shape for the outbox, the broker and the dead letters."""

from collections.abc import Sequence

import msgspec

from egpay.domain.commands import Command
from egpay.domain.errors import Defect
from egpay.domain.events import BillingEvent
from egpay.ports.outbox import Outgoing

EVENTS = "billing.events"
COMMANDS = "billing.commands"

_encode = msgspec.json.Encoder().encode
_event: msgspec.json.Decoder[BillingEvent] = msgspec.json.Decoder(BillingEvent)
_command: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)


def event_message(event: BillingEvent, *, traceparent: str | None = None) -> Outgoing:
    """An event on its way to the worker, under `billing.events.<type>`."""
    return _message(EVENTS, event, traceparent)


def command_message(command: Command, *, traceparent: str | None = None) -> Outgoing:
    """A command on its way to its effect, under `billing.commands.<type>`."""
    return _message(COMMANDS, command, traceparent)


def command_messages(commands: Sequence[Command]) -> list[Outgoing]:
    """Several commands."""
    return [command_message(command) for command in commands]


def read_event(payload: bytes) -> BillingEvent:
    """Decode an event; raises Defect when it is none of ours."""
    try:
        return _event.decode(payload)
    except msgspec.MsgspecError as fault:
        raise Defect(f"not a billing event: {fault}") from fault


def read_command(payload: bytes) -> Command:
    """Decode a command; raises Defect when it is none of ours."""
    try:
        return _command.decode(payload)
    except msgspec.MsgspecError as fault:
        raise Defect(f"not a command: {fault}") from fault


def _message(prefix: str, content: BillingEvent | Command, traceparent: str | None) -> Outgoing:
    tag = type(content).__struct_config__.tag
    return Outgoing(
        id=content.id, subject=f"{prefix}.{tag}", payload=_encode(content), traceparent=traceparent
    )

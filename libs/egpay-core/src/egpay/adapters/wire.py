"""Message codec: one JSON schema for outbox, broker and dead letters, versioned by the field `v`."""

import operator
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, TypeAlias, TypeVar, get_args

import msgspec

from egpay.domain.commands import Command
from egpay.domain.errors import Defect
from egpay.domain.events import BillingEvent
from egpay.domain.public_events import PublicEvent
from egpay.ports.deliveries import NewerMessage
from egpay.ports.outbox import OutboxMessage

EVENTS = "billing.events"
COMMANDS = "billing.commands"
PUBLIC = "billing.public"
"""News for the product, which reads them by a consumer of its own."""
MESSAGE_ID = "Egpay-Message-Id"
"""Header of every message on the broker: our message id, the same however often it is published."""

M = TypeVar("M", bound="BillingEvent | Command")
Read: TypeAlias = Callable[[bytes], M]
"""Decode a payload; raises NewerMessage if a later release wrote it, Defect if no release did."""

_UNKNOWN_WORD = ("Invalid value", "Invalid enum value")
"""Prefixes of msgspec's errors about an unknown tag or enum value (a test pins them)."""

_encode = msgspec.json.Encoder().encode


class _Header(msgspec.Struct):
    """Fields that every release can decode of every message."""

    type: str
    v: int = 1


_read_header = msgspec.json.Decoder(_Header).decode


def event_message(event: BillingEvent, *, traceparent: str | None = None) -> OutboxMessage:
    """Outbox message of an event, with the subject `billing.events.<type>`."""
    return _message(EVENTS, event, traceparent)


def command_message(command: Command, *, traceparent: str | None = None) -> OutboxMessage:
    """Outbox message of a command, with the subject `billing.commands.<type>`."""
    return _message(COMMANDS, command, traceparent)


def command_messages(commands: Sequence[Command]) -> list[OutboxMessage]:
    """Outbox messages of several commands."""
    return [command_message(command) for command in commands]


def public_messages(events: Sequence[PublicEvent]) -> list[OutboxMessage]:
    """Outbox messages of news for the product, with the subject `billing.public.<name>`."""
    return [_message(PUBLIC, event, None) for event in events]


def encode(message: BillingEvent | Command | PublicEvent) -> bytes:
    """Encode a payload, with the version of its schema unless that is 1."""
    return _encode(message.stamped())


def event_reader(kinds: Sequence[type[BillingEvent]] = get_args(BillingEvent)) -> "Read[BillingEvent]":
    """Decoder of events: of all types of this release, unless a test plays an older one."""
    return _reader(kinds, "a billing event")


def command_reader(kinds: Sequence[type[Command]] = get_args(Command)) -> "Read[Command]":
    """Decoder of commands."""
    return _reader(kinds, "a command")


def _reader(kinds: Sequence[Any], what: str) -> Callable[[bytes], Any]:
    versions = {kind.__struct_config__.tag: kind.VERSION for kind in kinds}
    decode = msgspec.json.Decoder(reduce(operator.or_, kinds)).decode

    def read(payload: bytes) -> Any:
        try:
            message = decode(payload)
        except msgspec.MsgspecError as fault:
            if newer := _newer(payload, fault, versions):
                raise NewerMessage(f"{newer}: {fault}") from fault
            raise Defect(f"not {what}: {fault}") from fault
        if message.is_newer:
            raise NewerMessage(f"version {message.v} of {type(message).__struct_config__.tag}")
        return message

    return read


def _newer(payload: bytes, fault: msgspec.MsgspecError, versions: dict[str, int]) -> str | None:
    """The change of a later release that explains the fault, or None."""
    try:
        header = _read_header(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    if header.v > versions.get(header.type, 0) and header.type in versions:
        return f"version {header.v} of {header.type}"
    return f"unknown word in {header.type}" if str(fault).startswith(_UNKNOWN_WORD) else None


read_event = event_reader()
read_command = command_reader()


def _message(
    prefix: str, content: BillingEvent | Command | PublicEvent, traceparent: str | None
) -> OutboxMessage:
    tag = type(content).__struct_config__.tag
    return OutboxMessage(
        id=content.id, subject=f"{prefix}.{tag}", payload=encode(content), traceparent=traceparent
    )

"""Operator's act: a decision of a person, entered as an event under a key and recorded with who and why."""

from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from egpay.domain.errors import Refusal
from egpay.domain.events.acts import OperatorAct
from egpay.domain.events.event import EventBase
from egpay.domain.values import Address, EmailKey, MessageId, is_id

REFUSED: Final = "act.refused"
"""Kind of the timeline entry of an act that did nothing."""
DOUBTED: Final = "act.doubted"
"""Kind of the timeline entry of an act that was done, though what had happened meanwhile speaks against it."""

ASKED: Final = "; asked by "
"""Stands between the reason of such an entry and who asked for the act."""

_BASE = frozenset(EventBase.__struct_fields__)
_LONGEST_KEY = 100


class ImpossibleAct(Refusal):
    """Impossible act: nothing can come of it as things are; the message says why, and what to do instead."""


class PersonalArguments(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Personal arguments of an act: stored in its row, loaded with its event, and in no message."""

    address: Address | None = None
    email: str | None = None
    admin_keys: tuple[EmailKey, ...] = ()
    """The e-mails of the accounts that it is about, as the operator found them."""


class ActRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Act as its row tells it to a reaction: who, why, and the arguments that its event does not carry."""

    key: MessageId
    who: str
    why: str
    arguments: PersonalArguments = msgspec.field(default_factory=PersonalArguments)

    def told(self, what: str) -> str:
        """The sentence for the timeline."""
        return f"{what} by {self.who}: {self.why}"


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Act to enter: the event with its key as id, and what stays in its row."""

    event: OperatorAct
    who: str
    why: str
    personal: PersonalArguments = msgspec.field(default_factory=PersonalArguments)

    @property
    def key(self) -> MessageId:
        """Its key, which is the id of its event."""
        return self.event.id

    @property
    def kind(self) -> str:
        """The type of its event."""
        return str(type(self.event).__struct_config__.tag)

    @property
    def arguments(self) -> dict[str, Any]:
        """All that was decided, and what was seen, as JSON."""
        told = {
            name: value for name, value in _json(self.event).items() if name not in _BASE and name != "type"
        }
        return {**told, **_json(self.personal)}

    @property
    def seen(self) -> frozenset[str]:
        """The arguments that make no difference between two acts."""
        return self.event.SEEN | {"admin_keys"}

    @property
    def decided(self) -> dict[str, Any]:
        """The arguments without what was seen: two acts of one kind, subject and decision are equal."""
        return without(self.arguments, self.seen)

    @property
    def record(self) -> ActRecord:
        """What its reaction is told of it."""
        return ActRecord(key=self.key, who=self.who, why=self.why, arguments=self.personal)


def _json(what: msgspec.Struct) -> dict[str, Any]:
    """The same as read back from a row: a tuple would be unequal to the list that it is there."""
    content: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(what))
    return content


def without(arguments: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Arguments but those of these names."""
    return {name: value for name, value in arguments.items() if name not in names}


def key_of(event: EventBase) -> MessageId:
    """The key of an act, also when its event is replayed, or rehearsed, under an id derived from it."""
    return MessageId(event.id.partition(":")[0])


def act_key(text: str) -> MessageId:
    """Check a key that an operator chose: it is a message id, and must not be one that a provider gives."""
    if not is_id(text) or len(text) > _LONGEST_KEY or text.startswith("evt_"):
        raise Refusal(
            f"a key has at most {_LONGEST_KEY} letters, digits, - and _, and does not begin with evt_"
        )
    return MessageId(text)

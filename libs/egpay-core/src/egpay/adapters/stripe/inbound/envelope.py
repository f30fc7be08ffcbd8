"""Stripe event envelope: decodes id, type, mode and version of every event.

Decoded in part only; the object inside stays raw bytes for the translation of its family.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Generic, TypedDict, TypeVar

import msgspec

from egpay.domain.events import Source
from egpay.domain.values import MessageId, is_id
from egpay.ports.webhooks import BadBody

Timestamp = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]
"""Unix seconds, up to the last year that `datetime` supports."""


T = TypeVar("T")


class Data(msgspec.Struct, Generic[T], frozen=True):
    """The object as it was when the event happened: raw, or already decoded to a `T`."""

    object: T


class Envelope(msgspec.Struct, Generic[T], frozen=True):
    """Fields of an event that we act on (docs.stripe.com/api/events/object)."""

    id: str
    type: str
    created: Timestamp
    livemode: bool
    data: Data[T]
    api_version: str | None = None
    account: str | None = None


class EventHeader(TypedDict):
    """Fields common to all our events, whether from a webhook or from our own request."""

    id: MessageId
    occurred_at: datetime
    source: Source


class UnreadableEvent(msgspec.Struct, frozen=True):
    """An event with an id and an envelope that does not decode; `reason` names the field."""

    id: str
    type: str
    reason: str


class _Loose(msgspec.Struct, frozen=True):
    id: Any = None
    type: Any = None


_strict = msgspec.json.Decoder(Envelope[msgspec.Raw])
_loose = msgspec.json.Decoder(_Loose)


def parse_envelope(body: bytes) -> Envelope[msgspec.Raw] | UnreadableEvent:
    """Decode the envelope; raises BadBody when the body is not JSON, not an object or has no id."""
    try:
        envelope = _strict.decode(body)
    except msgspec.ValidationError as fault:
        return _unread(body, str(fault))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise BadBody("the body is not JSON") from None
    if not is_id(envelope.id):
        raise BadBody("the event has no usable id")
    if not is_plain(envelope):
        return UnreadableEvent(
            id=envelope.id, type="unreadable", reason="type or api_version is not plain text"
        )
    return envelope


def is_plain(envelope: Envelope[Any]) -> bool:
    """Whether its id, type and version are fit for a column and a log line."""
    return is_id(envelope.id) and _plain(envelope.type) and _plain(envelope.api_version or "-")


def moment(seconds: int) -> datetime:
    """Stripe's Unix time as a UTC datetime."""
    return datetime.fromtimestamp(seconds, UTC)


def _unread(body: bytes, reason: str) -> UnreadableEvent:
    try:
        loose = _loose.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise BadBody("the body is not a JSON object") from None
    if not isinstance(loose.id, str) or not is_id(loose.id):
        raise BadBody("the event has no usable id")
    known = isinstance(loose.type, str) and _plain(loose.type)
    return UnreadableEvent(id=loose.id, type=loose.type if known else "unreadable", reason=reason)


def _plain(text: str) -> bool:
    """Whether a text is short printable ASCII, as Stripe's types and versions are."""
    return 0 < len(text) <= 255 and text.isascii() and text.isprintable()


MAX_AHEAD = timedelta(seconds=10)
"""How far Stripe's date may be ahead of our clock. What is dated later (a test clock, a wrong one) would hide every
report until then; it is dated by our clock, and Stripe is asked how things stand."""

CLOCK_SKEW = timedelta(seconds=2)
"""Clock skew that we allow for: how far our clock may be ahead of Stripe's."""


def conservative_now(now: datetime) -> datetime:
    """The date of a state that we looked up ourselves: early enough to precede any later change.

    In whole seconds, as Stripe's own. A report dated too early loses to the webhook of a later change, which
    is right; one dated too late would hide that change for good."""
    return now.replace(microsecond=0) - CLOCK_SKEW

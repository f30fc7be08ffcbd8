"""Warehouse webhook reader: verifies and translates reports about an order and its parcels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

import msgspec

from egpay.adapters.warehouse.signing import Signing
from egpay.domain.events import ShipmentReported, Source
from egpay.domain.shipment import Progress
from egpay.domain.values import LONGEST_ID, MessageId, SaleId, is_id
from egpay.ports.inbox import Disposition, Receipt
from egpay.ports.webhooks import BadBody

PROGRESS: Mapping[str, Progress] = {
    "shipment.accepted": Progress.ACCEPTED,
    "shipment.shipped": Progress.SHIPPED,
    "shipment.delivered": Progress.DELIVERED,
    "shipment.failed": Progress.FAILED,
    "shipment.returned": Progress.RETURNED,
}
"""Message types that a warehouse may send, with the progress that each reports."""


AwareTime: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
"""RFC 3339 timestamp with time zone."""

_LONGEST = 2048
"""Characters of the longest text we store; tracking links are the longest."""


class _Message(msgspec.Struct, frozen=True):
    type: str
    timestamp: msgspec.Raw = msgspec.Raw(b"null")
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Report(msgspec.Struct, frozen=True):
    sale_id: SaleId
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    parcel: str | int | None = None
    attempt: Annotated[int, msgspec.Meta(ge=1, le=1_000)] | None = None


@dataclass(frozen=True, slots=True)
class WarehouseWebhooks:
    """Port `WebhookReader` over the warehouse's own messages."""

    signing: Signing = field(repr=False)

    @classmethod
    def with_secret(cls, secret: str) -> "WarehouseWebhooks":
        """Trust what is signed with this `whsec_...`; raises Defect when it is malformed."""
        return cls(Signing(secret))

    def read(self, body: bytes, headers: Mapping[str, str], *, at: datetime) -> Receipt:
        """Verify and translate a message, under an id whose prefix distinguishes it from Stripe's."""
        message_id = MessageId(f"warehouse:{_message_id(self.signing.check(body, headers, at=at))}")
        message = _opened(body)
        received = Receipt(
            source=Source.WAREHOUSE,
            event_id=message_id,
            type=message.type,
            body=body,
            occurred_at=at,
            disposition=Disposition.IGNORED,
            reason="nothing follows from messages of this type",
        )
        return _understood(received, message) if message.type in PROGRESS else received


def _message_id(name: str) -> str:
    """The `webhook-id`, which goes into rows and headers of ours; dots and colons, as in ours, are fine."""
    if not is_id(name.replace(".", "").replace(":", "")):
        raise BadBody("the webhook-id has not the form of an id")
    return name


def _opened(body: bytes) -> _Message:
    try:
        message = msgspec.json.decode(body, type=_Message)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BadBody("the body is not a JSON object with a type") from None
    if _plain(message.type) is None:
        raise BadBody("the type is not plain text")
    return message


def _understood(received: Receipt, message: _Message) -> Receipt:
    try:
        report = msgspec.json.decode(message.data, type=_Report)
        occurred_at = msgspec.json.decode(message.timestamp, type=AwareTime)
        if not is_id(report.sale_id):
            raise msgspec.ValidationError("sale_id has not the form of an id")
        parcel = _parcel_number(report.parcel)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        return msgspec.structs.replace(received, disposition=Disposition.PARKED, reason=str(fault))
    event = ShipmentReported(
        id=received.event_id,
        occurred_at=occurred_at.astimezone(UTC),
        source=Source.WAREHOUSE,
        sale_id=report.sale_id,
        progress=PROGRESS[message.type],
        carrier=_plain(report.carrier),
        tracking_number=_plain(report.tracking_number),
        tracking_url=_link(report.tracking_url),
        parcel=parcel,
        attempt=report.attempt,
    )
    return msgspec.structs.replace(
        received,
        disposition=Disposition.ACCEPTED,
        occurred_at=event.occurred_at,
        event=event,
        sale_id=report.sale_id,
        reason=None,
    )


def _parcel_number(number: str | int | None) -> str | None:
    """The warehouse's number of a parcel; one that we could not tell from another is set aside with its report."""
    if number is None or number == "":
        return None
    text = str(number)
    if len(text) > LONGEST_ID or not text.isprintable():
        raise msgspec.ValidationError("parcel is no number of a parcel")
    return text


def _link(url: str | None) -> str | None:
    """The link if it is http(s) with a host and one word, else None, because buyers will click it."""
    if url is None or " " in url or not _plain(url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def _plain(text: str | None) -> str | None:
    return text if text and len(text) <= _LONGEST and text.isprintable() else None

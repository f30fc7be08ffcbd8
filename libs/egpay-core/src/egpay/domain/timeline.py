"""Timeline: what happened to a sale or a subscription, one entry a fact, with its cause, for people."""

from datetime import datetime

import msgspec

from egpay.domain.values import MessageId, SaleId


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Timeline entry: one fact about one subject.

    `subject` is the id it is about (a sale, else the subscription, ...); `kind` is a stable word such as
    `payment.settled`; `what` is for people and carries no personal data; `cause` is the message behind it.
    """

    subject: str
    at: datetime
    kind: str
    what: str
    cause: MessageId | None = None
    sale_id: SaleId | None = None

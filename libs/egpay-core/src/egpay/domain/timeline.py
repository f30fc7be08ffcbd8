"""What an operator reads about a sale or a subscription: one line for each thing that happened to it, with its cause."""

from datetime import datetime

import msgspec

from egpay.domain.values import MessageId, SaleId


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line. `subject` is the id it is about (a sale, else the subscription, ...); `kind` is a stable word such
    as `payment.settled`; `what` is for people and carries no personal data; `cause` is the message behind it."""

    subject: str
    at: datetime
    kind: str
    what: str
    cause: MessageId | None = None
    sale_id: SaleId | None = None

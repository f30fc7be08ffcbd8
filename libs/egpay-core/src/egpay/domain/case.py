"""Case: a matter that only a person can settle, such as a double payment or a parcel to return."""

from datetime import datetime
from enum import StrEnum

import msgspec

from egpay.domain.values import MessageId, SaleId


class CaseKind(StrEnum):
    """Case kind: why an operator has to act."""

    RETURN = "return"
    """The money was refunded after the devices had left."""
    SECOND_SUBSCRIPTION = "second_subscription"
    """One account pays for two subscriptions at once."""
    PAID_TWICE = "paid_twice"
    """One sale was paid on two Checkout sessions."""
    REFUND_FAILED = "refund_failed"
    """A refund did not reach the buyer."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Case for an operator; its `id` is derived from what it is about, so that it is opened once."""

    id: str
    kind: CaseKind
    subject: str
    what: str
    opened_at: datetime
    cause: MessageId | None = None
    sale_id: SaleId | None = None

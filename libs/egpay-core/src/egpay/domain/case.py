"""What only a person can settle: money that came twice, a parcel that has to come back."""

from datetime import datetime
from enum import StrEnum

import msgspec

from egpay.domain.values import MessageId, SaleId


class CaseKind(StrEnum):
    """Why somebody has to look at it."""

    RETURN = "return"
    """The money went back after the devices had left."""
    SECOND_SUBSCRIPTION = "second_subscription"
    """One account pays for two subscriptions at once."""
    PAID_TWICE = "paid_twice"
    """One sale was paid on two Checkout pages."""
    REFUND_FAILED = "refund_failed"
    """Money that was to go back to the buyer did not."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One matter for an operator. Its `id` follows from what it is about, so that it is opened once."""

    id: str
    kind: CaseKind
    subject: str
    what: str
    opened_at: datetime
    cause: MessageId | None = None
    sale_id: SaleId | None = None

"""Cancellation: when a person cancelled a sale, and what becomes of its money."""

from datetime import datetime
from enum import StrEnum

import msgspec

from egpay.domain.values import MessageId


class CancelledMoney(StrEnum):
    """What becomes of the money of a cancelled sale."""

    REFUND = "refund"
    KEEP = "keep"


class Cancellation(msgspec.Struct, frozen=True, kw_only=True):
    """Cancellation of a sale; `money` is None where no choice was made, so that money for it is a person's case.

    `act` is the key of the operator's act, under which its money goes back.
    """

    at: datetime
    money: CancelledMoney | None = None
    act: MessageId | None = None

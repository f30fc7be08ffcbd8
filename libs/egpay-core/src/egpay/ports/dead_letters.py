"""Where messages lie that our rules could not handle, with the reason, until somebody mends them."""

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

import msgspec

from egpay.domain.values import MessageId

FailedIn: TypeAlias = Literal["inbox", "books", "delivery", "newer"]
"""Where a message failed: `inbox`, it was not understood; `books`, our rules failed; `delivery`, an effect or the
broker did; `newer`, a later release wrote it and none that reads it came within a day."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """One message as it came, why it could not be handled, and after how many tries it was set aside."""

    message_id: MessageId
    subject: str
    payload: bytes
    reason: str
    trace: str = ""
    attempts: int = 1
    failed_in: FailedIn = "delivery"


class DeadLetters(Protocol):
    """Raises Outage when the database does not answer: then the message must not be dropped."""

    async def park_many(self, letters: Sequence[DeadLetter]) -> None:
        """Set messages aside. One that already lies there takes the newest reason and counts on."""
        ...

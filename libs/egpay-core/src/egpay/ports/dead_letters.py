"""Dead letter queue: stores messages that failed, with the reason, until an operator acts."""

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

import msgspec

from egpay.domain.values import MessageId

FailedIn: TypeAlias = Literal["inbox", "books", "delivery", "newer", "forged"]
"""Where a message failed: `inbox`, it could not be translated; `books`, our rules failed; `delivery`, an
effect or the broker failed; `newer`, a later release wrote it and no worker that reads it came within a
day; `forged`, it came over the broker and our outbox never held it."""


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """Dead letter: a message as received, why it could not be handled, and after how many tries."""

    message_id: MessageId
    subject: str
    payload: bytes
    reason: str
    trace: str = ""
    attempts: int = 1
    failed_in: FailedIn = "delivery"


class DeadLetters(Protocol):
    """Dead letter queue: stores failed messages.

    Raises Outage when the database does not answer; then the message must not be dropped.
    """

    async def add_many(self, letters: Sequence[DeadLetter]) -> None:
        """Dead-letter messages; one that is already stored takes the newest reason, and its tries add up."""
        ...

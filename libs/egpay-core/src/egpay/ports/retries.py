"""Retry log: commands that failed and are tried again, so that an operator sees what stands between them and done."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from egpay.domain.values import MessageId, SaleId


class FailedTry(msgspec.Struct, frozen=True, kw_only=True):
    """Failed try of a command: which one it was, why, and when the next one is; `reason` holds no personal data."""

    message_id: MessageId
    command: str
    sale_id: SaleId | None
    tries: int
    reason: str
    failed_at: datetime
    next_at: datetime


class RetryLog(Protocol):
    """Retry log: one row for each command that fails now; a command that succeeds at once is never written here.

    Raises Outage when the database does not answer.
    """

    async def record(self, failed: FailedTry) -> None:
        """Store a failed try over the earlier one of its command, whose first failure stays known."""
        ...

    async def close(self, ids: Sequence[MessageId]) -> None:
        """Delete the rows of commands that are done or dead-lettered; unknown ids are ignored."""
        ...

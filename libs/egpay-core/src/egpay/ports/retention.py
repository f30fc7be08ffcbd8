"""What happened long ago need not be kept for ever: the database stays as fast, and as small, as it was."""

from datetime import timedelta
from enum import StrEnum
from typing import Protocol


class PurgedTable(StrEnum):
    """What grows with every event, by the name of its table."""

    WEBHOOKS = "webhook_events"
    PUBLISHED = "outbox"
    PROCESSED = "processed_messages"


class Retention(Protocol):
    """Raises Outage when the database does not answer, Defect for an age under a week."""

    async def purge(self, what: PurgedTable, *, older_than: timedelta, most: int) -> int:
        """Remove up to `most` of the oldest, and return how many; 0 also when somebody else is at it. What was not
        published yet stays, whatever its age, and nobody who writes is kept waiting."""
        ...

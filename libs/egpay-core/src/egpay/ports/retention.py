"""Retention: purges old rows, so that the database stays small and fast."""

from datetime import timedelta
from enum import StrEnum
from typing import Protocol


class PurgedTable(StrEnum):
    """Purged table: the tables that grow with every event or request, by name.

    What the business is made of stays: sales, payments, accounts, e-mails, cases, the timeline, unresolved and resolved
    dead letters.
    """

    WEBHOOKS = "webhook_events"
    PUBLISHED = "outbox"
    PROCESSED = "processed_messages"
    FOREIGN = "foreign_events"
    """A verdict of "not ours" is forgotten with it: the object is judged, and asked about, as if for the first time."""
    FINDINGS = "reconcile_findings"
    IDEMPOTENCY_KEYS = "idempotency_keys"
    PORTAL_LINKS = "portal_links"
    LOOKUPS = "questions"


class Retention(Protocol):
    """Retention: deletes old rows in small steps.

    Raises Outage when the database does not answer, Defect for an age under a week.
    """

    async def purge(self, what: PurgedTable, *, older_than: timedelta, most: int) -> int:
        """Delete up to `most` of the oldest rows; return how many, 0 also while another process purges.

        An unpublished row stays, whatever its age, and no writer has to wait.
        """
        ...

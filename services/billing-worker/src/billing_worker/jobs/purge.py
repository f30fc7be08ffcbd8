"""Purge job: deletes expired rows in small batches, so that the database stays bounded."""

import asyncio
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from billing_worker.settings import BillingWorkerSettings
from egpay.domain.errors import Outage
from egpay.ports.retention import PurgedTable, Retention

SPENT_AGE = timedelta(days=8)
"""Age of what works for minutes only: links to the portal, and the times of lookups."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PurgeJob:
    """Deletes rows past their age; every worker runs it, and the database lets one at a time work.

    `batch` rows are deleted in one transaction, at most 1 / `pause` transactions a second: with 500 and 0.1 s five
    thousand rows, more than events come in, at less than a tenth of a core.
    """

    retention: Retention
    ages: Mapping[PurgedTable, timedelta]
    every: float = 600.0
    batch: int = 500
    pause: float = 0.1

    async def run(self) -> None:
        """Purge periodically until cancelled; an Outage of the database is retried at the next turn."""
        while True:
            await asyncio.sleep(self.every * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, guards nothing
            try:
                await self.turn()
            except Outage as outage:
                _log.warning("purge postponed", extra={"action": "purge_postponed", "reason": str(outage)})

    async def turn(self) -> Mapping[PurgedTable, int]:
        """Purge all that is due; return how many rows of each table were deleted."""
        purged = {what: await self._purge(what, age) for what, age in self.ages.items()}
        if count := sum(purged.values()):
            _log.info("purged", extra={"action": "purged", "count": count})
        return purged

    async def _purge(self, what: PurgedTable, age: timedelta) -> int:
        total = 0
        while count := await self.retention.purge(what, older_than=age, most=self.batch):
            total += count
            if count < self.batch:
                break
            await asyncio.sleep(self.pause)
        return total


def ages(settings: BillingWorkerSettings) -> Mapping[PurgedTable, timedelta]:
    """Return the retention of each table, from the settings."""
    return {
        PurgedTable.WEBHOOKS: timedelta(days=settings.keep_webhooks_days),
        PurgedTable.PUBLISHED: timedelta(days=settings.keep_published_days),
        PurgedTable.PROCESSED: timedelta(days=settings.keep_processed_days),
        PurgedTable.FOREIGN: timedelta(days=settings.keep_foreign_days),
        PurgedTable.FINDINGS: timedelta(days=settings.keep_webhooks_days),
        PurgedTable.IDEMPOTENCY_KEYS: timedelta(days=settings.keep_processed_days),
        PurgedTable.PORTAL_LINKS: SPENT_AGE,
        PurgedTable.LOOKUPS: SPENT_AGE,
    }

"""Republishing: publishes again from PostgreSQL what the broker lost.

So a saved decision is carried out, whatever dies on its way. It is harmless when the message was not lost
after all: an event is claimed by its id, a command has a key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from egpay.ports.clock import Clock
from egpay.ports.published import IdleConsumers, PublishedMessages, UnprocessedMessage
from egpay.ports.reconciliation import Cursor, Finding, FindingKind, ReconciliationState
from egpay.reconciliation.report import Report

PROCESSED = ("billing.events.*", "billing.commands.*")
"""All that workers process, and mark as processed."""
NEWS = "billing.public.*"
"""News for the product, which alone knows what it has read: never found to be lost, sent again on request."""
LATE = timedelta(minutes=15)
"""Age at which a message should be processed: longer than the longest retry delay of a worker."""
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Republish:
    """Republishing: publishes again what was published between two moments and never processed.

    Dead letters are left to an operator.
    """

    published: PublishedMessages
    ledger: ReconciliationState

    async def __call__(
        self, since: datetime, until: datetime, *, subjects: Sequence[str] = PROCESSED
    ) -> Report:
        """Mark all of it as pending and report it; raises Outage, and what was marked by then stays."""
        report = Report()
        while True:
            lost = await self.published.unprocessed(subjects, since=since, until=until, most=_AT_ONCE)
            if not lost:
                return report
            findings = tuple(map(finding, lost))
            await self.published.publish_again([message.id for message in lost], until=until)
            await self.ledger.keep(findings)
            report += Report(looked_at=len(lost), findings=findings)


@dataclass(frozen=True, slots=True)
class RepublishWhenIdle:
    """Automatic republishing, only for idle consumers, because elsewhere the message may be waiting.

    A cursor for each consumer is stored, so that a run reads only what came since, and what waited behind a
    backlog is checked when the backlog is gone. `kept` is how long processed messages are on record.
    """

    republish: Republish
    listeners: IdleConsumers
    ledger: ReconciliationState
    clock: Clock
    kept: timedelta
    late: timedelta = LATE

    async def __call__(self) -> Report:
        """Republish for every idle consumer; raises Outage."""
        now = self.clock()
        until, report = now - self.late, Report()
        # Idle consumers are read first: what they received by then is processed, and the next query sees it.
        for name, subjects in (await self.listeners.idle()).items():
            sweep = f"outbox:{name}"
            last = await self.ledger.cursor(sweep)
            since = max(last.since, now - self.kept) if last else now - self.kept
            if since < until:
                report += await self.republish(since, until, subjects=subjects)
                await self.ledger.move(sweep, Cursor(since=until, succeeded_at=self.clock()))
        return report


def finding(lost: UnprocessedMessage) -> Finding:
    """The finding about a lost message."""
    return Finding(
        kind=FindingKind.LOST,
        event_id=lost.id,
        type=lost.subject.rpartition(".")[2],
        what="it was published and never worked on",
        occurred_at=lost.published_at,
        sale_id=lost.sale_id,
    )

"""What the broker lost is sent again from PostgreSQL: a decision that was saved is carried out, whatever dies on its way.

Doing so is harmless when the message was not lost after all: an event is claimed by its id, a command bears a key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from egpay.ports.clock import Clock
from egpay.ports.published import IdleConsumers, PublishedMessages, UnprocessedMessage
from egpay.ports.reconciliation import Cursor, Finding, FindingKind, ReconciliationState
from egpay.reconciliation.report import Report

EVERYTHING = ("*",)
LATE = timedelta(minutes=15)
"""After this long a message should have been worked on: longer than a worker ever puts one off."""
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Republish:
    """Sends again what was published between two moments and never worked on. What lies in the dead letters is left to
    an operator."""

    sent: PublishedMessages
    ledger: ReconciliationState

    async def __call__(
        self, since: datetime, until: datetime, *, subjects: Sequence[str] = EVERYTHING
    ) -> Report:
        """Mark all of it to be published again, and tell what it was. Raises Outage; what was marked by then stays."""
        report = Report()
        while True:
            lost = await self.sent.unprocessed(subjects, since=since, until=until, most=_AT_ONCE)
            if not lost:
                return report
            findings = tuple(map(finding, lost))
            await self.sent.publish_again([message.id for message in lost], until=until)
            await self.ledger.keep(findings)
            report += Report(looked_at=len(lost), findings=findings)


@dataclass(frozen=True, slots=True)
class RepublishWhenIdle:
    """The same without anybody asking, and more careful: only for a worker that has nothing before it, for otherwise
    the message may just be waiting there.

    How far each has been looked after is remembered; so a look costs what came since, and what waited behind a backlog
    is looked for when that is gone. `kept` is how long we know what was worked on.
    """

    republish: Republish
    listeners: IdleConsumers
    ledger: ReconciliationState
    clock: Clock
    kept: timedelta
    late: timedelta = LATE

    async def __call__(self) -> Report:
        """Look after everybody who is idle. Raises Outage."""
        now = self.clock()
        until, report = now - self.late, Report()
        # Who is idle is asked first: what he had by then he has worked on, and we see that he has.
        for name, subjects in (await self.listeners.idle()).items():
            sweep = f"outbox:{name}"
            last = await self.ledger.cursor(sweep)
            since = max(last.since, now - self.kept) if last else now - self.kept
            if since < until:
                report += await self.republish(since, until, subjects=subjects)
                await self.ledger.move(sweep, Cursor(since=until, succeeded_at=self.clock()))
        return report


def finding(lost: UnprocessedMessage) -> Finding:
    """A lost message in the words of the reconciler."""
    return Finding(
        kind=FindingKind.LOST,
        event_id=lost.id,
        type=lost.subject.rpartition(".")[2],
        what="it was published and never worked on",
        occurred_at=lost.published_at,
        sale_id=lost.sale_id,
    )

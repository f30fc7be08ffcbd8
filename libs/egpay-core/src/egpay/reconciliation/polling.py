"""Polling: reads the provider's list of events and enters those that no webhook brought.

They are entered oldest first, as webhooks would have come: a customer of one hour is welcomed first, and then
leaves. Stripe stores events for 30 days (docs.stripe.com/webhooks/process-undelivered-events).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from egpay.domain.values import MessageId
from egpay.ports.clock import Clock
from egpay.ports.history import ProviderEvent, ProviderHistory, Window
from egpay.ports.inbox import Disposition, Inbox
from egpay.ports.reconciliation import Cursor, Finding, FindingKind, Known, ReconciliationState
from egpay.reconciliation.report import Report
from egpay.reconciliation.windows import oldest_first

SWEEP = "events"
MEMORY = timedelta(days=30)
OVERLAP = timedelta(hours=1)
"""Read again each time, because an event may enter the list late and the provider's clock may differ from
ours."""


@dataclass(frozen=True, slots=True)
class PollEvents:
    """Polling: reads all events since the last sweep; an interrupted sweep continues where it stopped.

    An event younger than `settle` is left for the next sweep: its webhook may still be on its way.
    """

    history: ProviderHistory
    ledger: ReconciliationState
    inbox: Inbox
    clock: Clock
    settle: timedelta = timedelta(0)

    async def __call__(self) -> Report:
        """Sweep to the end; raises Outage when a side is away, and what was entered by then stays."""
        now = self.clock()
        until = now - self.settle
        last = await self.ledger.cursor(SWEEP)
        since = max(last.since - OVERLAP, now - MEMORY) if last else now - MEMORY
        report = Report(findings=tuple(await self.ledger.came_late()))
        async for window, told in oldest_first(self.history.events, Window(since), now=now):
            report += await self._enter(told, until=until)
            reached = min(window.until or until, until)
            await self.ledger.move(
                SWEEP, Cursor(since=reached, succeeded_at=last.succeeded_at if last else None)
            )
        await self.ledger.move(SWEEP, Cursor(since=until, succeeded_at=self.clock()))
        return report

    async def _enter(self, told: Sequence[ProviderEvent], *, until: datetime) -> Report:
        due = [each for each in told if self._is_due(each, until)]
        known = await self.ledger.known([each.receipt.event_id for each in due])
        new = [each for each in due if each.receipt.event_id not in known]
        fresh = await self.inbox.record_many([each.receipt for each in new]) if new else frozenset()
        findings = tuple(self._findings(due, known, fresh))
        await self.ledger.keep(findings)
        return Report(looked_at=len(due), findings=findings)

    def _is_due(self, told: ProviderEvent, until: datetime) -> bool:
        """Whether it is due; without `settle` every one is, as the provider's clock may be ahead."""
        return not self.settle or told.receipt.occurred_at <= until

    def _findings(
        self, told: Sequence[ProviderEvent], known: dict[MessageId, Known], fresh: frozenset[MessageId]
    ) -> Iterator[Finding]:
        for each in told:
            event_id = each.receipt.event_id
            if event_id in known and not known[event_id].aside:
                continue
            if event_id not in known and event_id not in fresh:
                yield _finding(each, FindingKind.LATE, "its webhook came while we asked")
            elif each.receipt.disposition is Disposition.PARKED or event_id in known:
                yield self._not_understood(each)
            elif each.receipt.disposition is Disposition.ACCEPTED:
                yield _finding(each, FindingKind.MISSED, _why_missed(each))

    def _not_understood(self, told: ProviderEvent) -> Finding:
        version, reason = (
            told.receipt.api_version,
            told.receipt.reason or "it was not understood when it came",
        )
        if version not in (None, self.history.version):
            return _finding(told, FindingKind.VERSION, f"rendered in {version}: {reason}")
        return _finding(told, FindingKind.REJECTED, reason)


def _why_missed(told: ProviderEvent) -> str:
    if told.pending:
        return "no webhook brought it yet; the provider has an endpoint that did not take it"
    return "no webhook brought it, and the provider tries no more"


def _finding(told: ProviderEvent, kind: FindingKind, what: str) -> Finding:
    receipt = told.receipt
    return Finding(
        kind=kind,
        event_id=receipt.event_id,
        type=receipt.type,
        what=what,
        occurred_at=receipt.occurred_at,
        sale_id=receipt.sale_id,
    )

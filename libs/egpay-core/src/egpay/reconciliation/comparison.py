"""Comparison: reads the provider's objects and enters what differs, as if every webhook had come.

Very rarely an event is never made at all (docs.stripe.com/webhooks/handle-irrecoverable-events), and after 30
days the provider deletes it.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TypeAlias

import msgspec

from egpay.domain.values import SaleId
from egpay.ports.clock import Clock
from egpay.ports.history import EventPage, ProviderHistory, ProviderList
from egpay.ports.inbox import Disposition, Inbox, Receipt
from egpay.ports.reconciliation import Cursor, Finding, FindingKind, ReconciliationState
from egpay.reconciliation.report import Report

SESSIONS = "sessions"
SNAPSHOT = "snapshot"
RESUMES_WITHIN = timedelta(hours=1)
"""Age up to which a list of an interrupted snapshot is not read again by the next one."""

Ask: TypeAlias = Callable[[str | None], Awaitable[EventPage]]


@dataclass(frozen=True, slots=True)
class CompareObjects:
    """Comparison of objects: reads their state and enters only what our books do not have.

    `count` is called for each object that is recorded without any consequence, as for such a webhook."""

    history: ProviderHistory
    ledger: ReconciliationState
    inbox: Inbox
    clock: Clock
    count: Callable[[Receipt], None] = lambda _: None

    async def sessions(self, *, every: bool = False) -> Report:
        """Check the sessions of open sales, the due ones or `every` one; raises Outage."""
        now = self.clock()
        last = None if every else await self.ledger.cursor(SESSIONS)
        waiting = await self.ledger.open_sales(since=last.since if last else None, until=now)
        report = Report()
        for sale in waiting:
            report += await self._enter(await self.history.session(sale.session_id))
        await self.ledger.move(SESSIONS, Cursor(since=now, succeeded_at=self.clock()))
        return msgspec.structs.replace(report, looked_at=len(waiting))

    async def snapshot(self) -> Report:
        """Compare every subscription, paid invoice, refund, dispute, warning and review, and record the rest.

        Raises Outage; what was entered stays, and the next snapshot goes on with the list that was interrupted.
        """
        now, report = self.clock(), Report()
        last = await self.ledger.cursor(SNAPSHOT)
        for name, ask in self._lists():
            sweep = f"{SNAPSHOT}: {name}"
            done = await self.ledger.cursor(sweep)
            if done and (last is None or done.since > last.since) and now - done.since < RESUMES_WITHIN:
                continue
            report += await self._all(ask)
            await self.ledger.move(sweep, Cursor(since=now, succeeded_at=self.clock()))
        await self.ledger.move(SNAPSHOT, Cursor(since=now, succeeded_at=self.clock()))
        return report

    def _lists(self) -> Iterator[tuple[str, Ask]]:
        yield "subscriptions", self.history.subscriptions
        yield "paid invoices", self.history.paid_invoices
        for each in ProviderList:
            yield each.value, partial(self.history.recorded, each)

    async def snapshot_is_due(self, every: timedelta) -> bool:
        """Whether the last snapshot is at least that old, or there was none."""
        last = await self.ledger.cursor(SNAPSHOT)
        return last is None or self.clock() - last.since >= every

    async def _all(self, ask: Ask) -> Report:
        report, after = Report(), None
        while True:
            page = await ask(after)
            report += await self._enter([told.receipt for told in page.told])
            after = page.after
            if after is None:
                return report

    async def _enter(self, receipts: Sequence[Receipt]) -> Report:
        known = await self.ledger.known([receipt.event_id for receipt in receipts])
        unknown = [receipt for receipt in receipts if receipt.event_id not in known]
        news = await self.ledger.news(unknown)
        fresh = await self.inbox.record_many(news) if news else frozenset()
        # What the books will have anyway once they have caught up is entered all the same, but is no finding.
        awaited = await self.ledger.awaited([each.sale_id for each in news if each.sale_id])
        for each in news:
            if each.event_id in fresh and each.disposition is Disposition.IGNORED:
                self.count(each)
        findings = tuple(
            _finding(each) for each in news if each.event_id in fresh and _differs(each, awaited)
        )
        await self.ledger.keep(findings)
        return Report(looked_at=len(receipts), findings=findings)


def _differs(receipt: Receipt, awaited: frozenset[SaleId]) -> bool:
    return receipt.disposition is Disposition.ACCEPTED and receipt.sale_id not in awaited


def _finding(receipt: Receipt) -> Finding:
    return Finding(
        kind=FindingKind.STALE,
        event_id=receipt.event_id,
        type=receipt.type,
        what="the provider's object stands otherwise than our books",
        occurred_at=receipt.occurred_at,
        sale_id=receipt.sale_id,
    )

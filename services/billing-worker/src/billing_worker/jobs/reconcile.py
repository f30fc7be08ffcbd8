"""Reconcile job: finds what no webhook brought and what the broker lost, on one elected worker."""

import asyncio
import logging
import random
from dataclasses import dataclass
from datetime import timedelta

from prometheus_client import Counter, Gauge

from egpay.domain.errors import EgpayError
from egpay.ports.clock import Clock
from egpay.ports.reconciliation import FindingKind, LeaderLock, ReconciliationState
from egpay.reconciliation import CompareObjects, PollEvents, Report, RepublishWhenIdle
from egpay.telemetry.metrics import Metrics

MOST_REST = 30.0
"""Seconds between two looks at the clock, at most."""
SNAPSHOT_EVERY = timedelta(days=1)
SILENCE_SPAN = timedelta(days=1)
_log = logging.getLogger(__name__)


class ReconcileMetrics:
    """Metrics of what the reconciler found."""

    def __init__(self, metrics: Metrics) -> None:
        """Register in the service's registry."""
        own = metrics.registry
        self.findings = Counter(
            "egpay_reconcile_findings", "What no webhook told, or the broker lost.", ("kind",), registry=own
        )
        self.silent = Gauge(
            "egpay_silent_events",
            "Events of the last day that no webhook has brought.",
            registry=own,
            multiprocess_mode="mostrecent",
        )


@dataclass(frozen=True, slots=True)
class ReconcileJob:
    """Polls events, checks open sales and republishes lost messages every `interval`.

    Once a day it compares all objects with the provider's.
    """

    poll: PollEvents
    compare: CompareObjects
    republish: RepublishWhenIdle
    ledger: ReconciliationState
    leadership: LeaderLock
    clock: Clock
    interval: timedelta
    metrics: ReconcileMetrics

    async def run(self) -> None:
        """Reconcile periodically until cancelled; a failure is retried at the next turn."""
        while True:
            rest = min(self.interval.total_seconds(), MOST_REST)
            await asyncio.sleep(rest * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, guards nothing
            try:
                await self.turn()
            except EgpayError as fault:
                _log.warning(
                    "reconciliation postponed",
                    extra={"action": "reconciliation_postponed", "reason": str(fault)},
                )

    async def turn(self) -> Report | None:
        """Do what is due as the leader; None when another leads or nothing is due. Raises Outage."""
        async with self.leadership.held() as leads:
            if not leads or not await self._is_due():
                return None
            report = await self._republished()
            report += await self.poll() + await self.compare.sessions()
            if await self.compare.snapshot_is_due(SNAPSHOT_EVERY):
                report += await self.compare.snapshot()
            await self._tell(report)
            return report

    async def _republished(self) -> Report:
        """Republish lost messages, first, because it needs no provider.

        An outage of the broker must not stop what the provider is asked after it.
        """
        try:
            return await self.republish()
        except EgpayError as fault:
            _log.warning(
                "republishing postponed", extra={"action": "republishing_postponed", "reason": str(fault)}
            )
            return Report()

    async def _is_due(self) -> bool:
        last = await self.ledger.cursor("events")
        if last is None or last.succeeded_at is None:
            return True
        return self.clock() - last.succeeded_at >= self.interval

    async def _tell(self, report: Report) -> None:
        for kind in FindingKind:
            self.metrics.findings.labels(kind.value).inc(report.count(kind))
        silence = await self.ledger.silence(since=self.clock() - SILENCE_SPAN)
        self.metrics.silent.set(silence.missed)
        if missed := report.count(FindingKind.MISSED):
            _log.error(
                "missed webhooks found; run `egpay doctor`",
                extra={"action": "webhooks_missed", "count": missed},
            )
        if lost := report.count(FindingKind.LOST):
            _log.error("lost messages republished", extra={"action": "messages_republished", "count": lost})

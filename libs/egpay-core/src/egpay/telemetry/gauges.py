"""Gauges: samples backlog and age of outbox, consumers and cases, so that an operator sees a delay first."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from egpay.domain.case import CaseKind
from egpay.domain.errors import Outage
from egpay.ports.app_deliveries import AppBacklog
from egpay.ports.cases import CaseStats
from egpay.ports.outbox import OutboxStats
from egpay.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)


async def sample_outbox(outbox: OutboxStats, metrics: Metrics, *, every: float = 5.0) -> None:
    """Sample the outbox gauges until cancelled; run it under supervision."""

    async def look() -> None:
        backlog = await outbox.backlog()
        metrics.outbox_depth.set(backlog.waiting)
        metrics.outbox_age.set(backlog.oldest_seconds)

    await _keep_looking(look, every)


async def sample_consumers(
    lag: Callable[[], Awaitable[Mapping[str, int]]], metrics: Metrics, *, every: float = 5.0
) -> None:
    """Sample the consumer gauges until cancelled; run it under supervision."""

    async def look() -> None:
        for consumer, messages in (await lag()).items():
            metrics.consumer_lag.labels(consumer).set(messages)

    await _keep_looking(look, every)


async def sample_app_deliveries(
    backlog: Callable[[], Awaitable[AppBacklog]], metrics: Metrics, *, every: float = 10.0
) -> None:
    """Sample the gauges of what the product has not taken, until cancelled; run it under supervision."""

    async def look() -> None:
        waits = await backlog()
        metrics.app_waiting.set(waits.waiting)
        metrics.app_oldest.set(waits.oldest_seconds)

    await _keep_looking(look, every)


async def sample_cases(cases: CaseStats, metrics: Metrics, *, every: float = 30.0) -> None:
    """Sample the case gauges until cancelled; a kind without an open case is 0. Run it under supervision."""

    async def look() -> None:
        found = await cases.open_cases()
        for kind in CaseKind:
            stats = found.get(kind)
            metrics.cases.labels(kind.value).set(stats.count if stats else 0)
            metrics.cases_oldest.labels(kind.value).set(stats.oldest_seconds if stats else 0)

    await _keep_looking(look, every)


async def _keep_looking(look: Callable[[], Awaitable[None]], every: float) -> None:
    while True:
        try:
            await look()
        except Outage as outage:
            # the last values stay; the readiness probe reports the outage
            _log.debug("cannot look", extra={"action": "sampling_failed", "reason": str(outage)})
        await asyncio.sleep(every)

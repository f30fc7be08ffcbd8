"""Provider calls: none while the provider asks for a pause, and an alarm while it refuses us."""

import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from egpay.domain.errors import Defect, Outage, PausedByProvider, RefusedByProvider
from egpay.ports.provider_status import ProviderState, ProviderStatus
from egpay.telemetry.metrics import Metrics

T = TypeVar("T")

LONGEST_PAUSE = 86_400.0
"""Seconds, at most, for which one answer of a provider pauses all requests to it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProviderCalls:
    """Calls to one provider, whose pauses and refusals all processes share, and `egpay doctor` shows.

    A refusal of us raises one alarm until a call succeeds. Calls that `waits` is not set for are made during a
    pause too, because a buyer waits for them.
    """

    status: ProviderStatus
    metrics: Metrics
    waits: bool = True

    async def __call__(self, call: Callable[[], Awaitable[T]]) -> T:
        """Call, unless there is a pause; raises what the call raises, and PausedByProvider during a pause."""
        known = await self.status.state()
        if self.waits and known.paused_for > 0:
            said = f"{known.name} asked all requests to wait ({known.pause_reason})"
            raise PausedByProvider(said, retry_after=known.paused_for, undone=True)
        try:
            answer = await call()
        except PausedByProvider as pause:
            await self._pause(known, pause)
            raise
        except RefusedByProvider as refusal:
            await self._alarm(known, refusal)
            raise
        except Defect:
            await self._accept(known)
            raise
        await self._accept(known)
        return answer

    async def _pause(self, known: ProviderState, pause: PausedByProvider) -> None:
        seconds = min(pause.retry_after or 0.0, LONGEST_PAUSE)
        self.metrics.provider_pauses.labels(known.name).inc()
        said = {"provider": known.name, "delay": seconds, "reason": str(pause)}
        _log.warning("provider asks for a pause", extra={"action": "provider_pause", **said})
        with suppress(Outage):
            await self.status.pause(seconds, reason=str(pause))

    async def _alarm(self, known: ProviderState, refusal: RefusedByProvider) -> None:
        self.metrics.provider_refusals.labels(known.name, str(refusal.status)).inc()
        first = True
        with suppress(Outage):
            first = await self.status.refused(str(refusal))
        if first:
            said = {"provider": known.name, "status": refusal.status, "reason": str(refusal)}
            _log.error("provider refuses us", extra={"action": "provider_refusal", **said})

    async def _accept(self, known: ProviderState) -> None:
        """End the alarm; also when the request itself is refused, because then we are not."""
        if known.refused_since is None:
            return
        with suppress(Outage):
            await self.status.accepted()
            _log.warning(
                "provider accepts us again", extra={"action": "provider_recovered", "provider": known.name}
            )

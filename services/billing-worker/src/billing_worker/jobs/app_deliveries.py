"""App delivery job: posts the newest news of each object to the product, with leases and a growing back-off.

An outage is tried again after an eighth of the time that the news has waited, a refusal after a quarter of it and not
within an hour; both at most a day apart and without an end, so that an endpoint that was away for a week hears of
everything, once it is back. What answers again is given all that an outage held up.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from egpay.domain.errors import Outage
from egpay.ports.app_deliveries import AppAnswer, AppDeliveries, AppEndpoint, AppMessage

SHORTEST, SHORTEST_REFUSED, LONGEST = 10.0, 3_600.0, 86_400.0
"""Seconds between two tries of one object: at least, at least after a refusal, at most."""
PASSING = frozenset({408, 425, 429})
"""Statuses below 500 that the same message may not get again."""
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class AppDeliveryJob:
    """Delivers what is due, `at_once` messages at the same time; every worker runs it.

    `lease` must outlast a try. Not optimal for throughput compared to one connection that streams, but a slow endpoint
    holds up nothing else of the worker.
    """

    deliveries: AppDeliveries
    endpoint: AppEndpoint
    on_outcome: Callable[[str], None] = lambda _: None
    every: float = 1.0
    longest_pause: float = 60.0
    at_once: int = 8
    lease: float = 60.0
    pause: float = field(default=0.0, init=False)
    _failing: bool = field(default=True, init=False)

    async def run(self) -> None:
        """Deliver until cancelled; an Outage of the database is retried at the next turn."""
        while True:
            try:
                tried = await self.turn()
            except Outage as outage:
                tried = 0
                _log.warning(
                    "app deliveries postponed",
                    extra={"action": "app_deliveries_postponed", "reason": str(outage)},
                )
            if self.pause or tried < self.at_once:
                await asyncio.sleep(max(self.every, self.pause) * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load

    async def turn(self) -> int:
        """Try what is due, once each; return how many there were. Raises Outage of the database."""
        messages = await self.deliveries.claim(most=self.at_once, lease=self.lease)
        if not messages:
            return 0
        results = await asyncio.gather(*map(self._deliver, messages), return_exceptions=True)
        for fault in results:
            if isinstance(fault, BaseException):
                raise fault
        taken = [result is True for result in results]
        if any(taken):
            self.pause = 0.0
            if self._failing:
                # several workers may find out at the same time; what is due already is not made so twice
                await self.deliveries.hasten()
            self._failing = not all(taken)
        else:
            self._failing = True
            self.pause = min(self.longest_pause, max(self.every, 2 * self.pause))
        return len(messages)

    async def _deliver(self, message: AppMessage) -> bool:
        answer = await self.endpoint.post(message)
        if answer.taken:
            await self.deliveries.delivered(message, answer)
            self.on_outcome("delivered")
            return True
        delay = _delay(message, answer)
        await self.deliveries.postpone(message, answer, delay=delay)
        self.on_outcome("refused" if refused(answer) else "postponed")
        _log.warning(
            "app delivery failed",
            extra={
                "action": "app_delivery_failed",
                "message_id": message.id,
                "attempt": message.tries,
                "status": answer.status,
                "reason": answer.reason,
                "delay": round(delay),
            },
        )
        return False


def refused(answer: AppAnswer) -> bool:
    """Whether the product would refuse the same message again until a person changes something there."""
    status = answer.status
    return status is not None and 300 <= status < 500 and status not in PASSING


def _delay(message: AppMessage, answer: AppAnswer) -> float:
    least, share = (SHORTEST_REFUSED, 4) if refused(answer) else (SHORTEST, 8)
    grown = max(least, answer.retry_after or 0.0, message.waited / share)
    return min(LONGEST, grown * random.uniform(0.9, 1.1))  # noqa: S311 - spreads load, guards nothing

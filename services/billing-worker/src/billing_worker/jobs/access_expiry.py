"""Access expiry job: reports that a grace period is over, so that the rules store and publish it."""

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from egpay.domain.errors import Outage
from egpay.domain.events import AccessDue, Source
from egpay.domain.values import MessageId
from egpay.ports.accesses import DueAccess, DueAccesses
from egpay.ports.clock import Clock
from egpay.ports.inbox import Disposition, Inbox, Receipt

CATCH_UP_EVERY = 120
"""Turns between two looks for organisations whose access was never stored, which reads every subscription."""
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class AccessExpiryJob:
    """Records an event for each grace period that is over: at most `most` in one turn.

    Every worker runs it. The event's id names the organisation and the end, so that two workers, or one that died
    before the rules saw it, record it once; the rules decide under the locks of every other event.
    """

    due: DueAccesses
    inbox: Inbox
    clock: Clock
    every: float = 30.0
    most: int = 500
    turns: int = 0

    async def run(self) -> None:
        """Look periodically until cancelled; an Outage is retried at the next turn."""
        while True:
            try:
                await self.turn()
            except Outage as outage:
                _log.warning(
                    "ending grace periods postponed",
                    extra={"action": "access_postponed", "reason": str(outage)},
                )
            await asyncio.sleep(self.every * random.uniform(0.5, 1.0))  # noqa: S311 - spreads load, guards nothing

    async def turn(self) -> int:
        """Record what is due; return how many were new. Raises Outage."""
        due = [*await self.due.over(at=self.clock(), most=self.most)]
        if self.turns % CATCH_UP_EVERY == 0:
            missing = await self.due.missing(most=self.most)
            due += missing
            # as long as some are left the next turn looks again
            self.turns -= len(missing) == self.most
        self.turns += 1
        new = await self.inbox.record_many(self._receipts(due)) if due else frozenset()
        if new:
            _log.info("grace periods ended", extra={"action": "access_expired", "count": len(new)})
        return len(new)

    def _receipts(self, due: Sequence[DueAccess]) -> list[Receipt]:
        events = [self._event(one) for one in due]
        return [
            Receipt(
                source=event.source,
                event_id=event.id,
                type="access_due",
                body=msgspec.json.encode(event.stamped()),
                occurred_at=event.occurred_at,
                disposition=Disposition.ACCEPTED,
                event=event,
            )
            for event in events
        ]

    def _event(self, due: DueAccess) -> AccessDue:
        end = int(due.elapsed.timestamp()) if due.elapsed else "first"
        return AccessDue(
            id=MessageId(f"access:{due.organisation_id}:{end}"),
            occurred_at=due.elapsed or self.clock(),
            source=Source.RECONCILE,
            organisation_id=due.organisation_id,
            subscription_id=due.subscription_id,
            elapsed=due.elapsed,
        )

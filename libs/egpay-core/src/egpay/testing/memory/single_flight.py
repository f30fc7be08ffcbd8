"""In-memory single flight of lookups at the provider."""

from dataclasses import dataclass, replace
from datetime import datetime

from egpay.domain.errors import Outage
from egpay.testing.memory.store import AskedQuestion, MemoryStore


@dataclass(frozen=True, slots=True)
class MemorySingleFlight:
    """Port `SingleFlight` over a MemoryStore."""

    store: MemoryStore

    async def claim(self, subject: str, *, since: datetime, at: datetime, until: datetime) -> bool:
        """Claim the lookup, unless another process makes or made it."""
        async with self.store.turn() as tables:
            known = tables.questions.get(subject)
            if known and known.held_until is not None and known.held_until > at:
                raise Outage("another worker waits for the same answer", retry_after=1)
            if known and known.held_until is None and known.asked_at > since:
                return False
            tables.questions[subject] = AskedQuestion(at, until)
            return True

    async def answered(self, subject: str) -> None:
        """Mark it answered, for all who wanted it before it was asked."""
        await self._hold(subject, None)

    async def release(self, subject: str) -> None:
        """Release the claim, so that the next caller asks."""
        known = self.store.tables.questions.get(subject)
        await self._hold(subject, known.asked_at if known else None)

    async def _hold(self, subject: str, until: datetime | None) -> None:
        async with self.store.turn() as tables:
            if known := tables.questions.get(subject):
                tables.questions[subject] = replace(known, held_until=until)

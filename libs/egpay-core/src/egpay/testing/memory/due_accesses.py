"""In-memory accesses that are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from egpay.domain.access import AccessLevel
from egpay.ports.accesses import DueAccess
from egpay.testing.memory.store import MemoryStore


@dataclass(frozen=True, slots=True)
class MemoryDueAccesses:
    """Port `DueAccesses` over a MemoryStore."""

    store: MemoryStore

    async def over(self, *, at: datetime, most: int) -> Sequence[DueAccess]:
        """Those whose grace period is over, the longest over first."""
        over = [
            DueAccess(
                organisation_id=one.organisation_id, subscription_id=one.subscription_id, elapsed=one.until
            )
            for one in self.store.tables.accesses.values()
            if one.level is AccessLevel.GRACE and one.until and one.until <= at
        ]
        return sorted(over, key=lambda one: str(one.elapsed))[:most]

    async def missing(self, *, most: int) -> Sequence[DueAccess]:
        """Those of an organisation without a stored access."""
        tables = self.store.tables
        found = {
            one.organisation_id: DueAccess(organisation_id=one.organisation_id, subscription_id=key)
            for key, one in sorted(tables.subscriptions.items(), reverse=True)
            if one.organisation_id and one.organisation_id not in tables.accesses
        }
        return [found[key] for key in sorted(found)][:most]

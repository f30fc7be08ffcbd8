"""In-memory outbox."""

from collections.abc import Sequence
from dataclasses import dataclass

from egpay.domain.values import MessageId
from egpay.ports.outbox import Publish
from egpay.testing.memory.inbox import park
from egpay.testing.memory.store import MemoryStore


@dataclass(frozen=True, slots=True)
class MemoryOutbox:
    """Port `Outbox` over a MemoryStore; skips messages that are being published."""

    store: MemoryStore

    async def drain_once(self, publish: Publish, *, limit: int = 256) -> int:
        """Publish the oldest pending messages and mark them."""
        self.store.answer()
        tables = self.store.tables
        batch = {key: tables.outbox[key] for key in self._free()[:limit]}
        if not batch:
            return 0
        self.store.taken |= batch.keys()
        try:
            refused = await publish(list(batch.values()))
            async with self.store.turn() as now:
                for letter in refused or ():
                    park(now, letter)
                now.published.update(dict.fromkeys(batch, self.store.clock()))
        finally:
            self.store.taken -= batch.keys()
        return len(batch)

    async def mark_published(self, ids: Sequence[MessageId]) -> None:
        """Mark leased messages published, unless they are marked already."""
        async with self.store.turn() as now:
            for key in ids:
                if key in now.leases and key not in self.store.taken:
                    now.published.setdefault(key, self.store.clock())

    def _free(self) -> list[MessageId]:
        tables, now = self.store.tables, self.store.clock()
        held = tables.published.keys() | self.store.taken
        held |= {key for key, until in tables.leases.items() if until >= now}
        return [key for key in tables.outbox if key not in held]

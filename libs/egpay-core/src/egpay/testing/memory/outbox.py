"""The outbox in memory."""

from dataclasses import dataclass

from egpay.ports.outbox import Publish
from egpay.testing.memory.store import MemoryStore


@dataclass(frozen=True, slots=True)
class MemoryOutbox:
    """Outbox over a MemoryStore; messages being published by somebody are stepped over."""

    store: MemoryStore

    async def drain_once(self, publish: Publish, *, limit: int = 256) -> int:
        """Publish the oldest and mark them."""
        self.store.answer()
        tables = self.store.tables
        waiting = [
            key for key in tables.outbox if key not in tables.published and key not in self.store.taken
        ]
        batch = {key: tables.outbox[key] for key in waiting[:limit]}
        if not batch:
            return 0
        self.store.taken |= batch.keys()
        try:
            await publish(list(batch.values()))
            async with self.store.turn() as now:
                now.published.update(dict.fromkeys(batch, self.store.clock()))
        finally:
            self.store.taken -= batch.keys()
        return len(batch)

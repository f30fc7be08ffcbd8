"""Idempotency keys in memory."""

from dataclasses import dataclass, replace
from datetime import datetime

from egpay.domain.values import SaleId
from egpay.ports.storage import Attempt, Replay
from egpay.testing.memory.store import HeldKey, Tables


@dataclass(frozen=True, slots=True)
class MemoryIdempotencyKeys:
    """IdempotencyKeys over tables in memory."""

    tables: Tables

    async def claim(self, key: str, request_hash: bytes, *, at: datetime, until: datetime) -> Attempt:
        """Take the key until a time."""
        known = self.tables.idempotency_keys.get(key)
        if known is None:
            self.tables.idempotency_keys[key] = HeldKey(request_hash, until)
            return Attempt(replay=Replay.NEW)
        if known.request_hash != request_hash:
            return Attempt(replay=Replay.MISMATCH)
        if known.done:
            return Attempt(replay=Replay.DONE, sale_id=known.sale_id)
        if known.held_until is not None and known.held_until > at:
            return Attempt(replay=Replay.IN_PROGRESS, sale_id=known.sale_id)
        self.tables.idempotency_keys[key] = replace(known, held_until=until)
        return Attempt(replay=Replay.UNFINISHED if known.sale_id else Replay.NEW, sale_id=known.sale_id)

    async def bind(self, key: str, sale_id: SaleId) -> None:
        """The key's request led to this sale."""
        if known := self.tables.idempotency_keys.get(key):
            self.tables.idempotency_keys[key] = replace(known, sale_id=sale_id)

    async def release(self, key: str, *, done: bool) -> None:
        """The request is over. A key under which nothing was sold and nothing answered is free again."""
        known = self.tables.idempotency_keys.pop(key, None)
        if known and (known.sale_id or done):
            self.tables.idempotency_keys[key] = replace(known, held_until=None, done=done)

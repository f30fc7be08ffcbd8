"""In-memory idempotency keys."""

from dataclasses import dataclass, replace
from datetime import datetime

from egpay.domain.values import SaleId
from egpay.ports.storage import KeyClaim, KeyState
from egpay.testing.memory.store import HeldKey, Tables


@dataclass(frozen=True, slots=True)
class MemoryIdempotencyKeys:
    """Port `IdempotencyKeys` over tables in memory."""

    tables: Tables

    async def claim(self, key: str, request_hash: bytes, *, at: datetime, until: datetime) -> KeyClaim:
        """Claim the key until a time."""
        known = self.tables.idempotency_keys.get(key)
        if known is None:
            self.tables.idempotency_keys[key] = HeldKey(request_hash, until)
            return KeyClaim(replay=KeyState.NEW)
        if known.request_hash != request_hash:
            return KeyClaim(replay=KeyState.MISMATCH)
        if known.done:
            return KeyClaim(replay=KeyState.DONE, sale_id=known.sale_id)
        if known.held_until is not None and known.held_until > at:
            return KeyClaim(replay=KeyState.IN_PROGRESS, sale_id=known.sale_id)
        self.tables.idempotency_keys[key] = replace(known, held_until=until)
        return KeyClaim(replay=KeyState.UNFINISHED if known.sale_id else KeyState.NEW, sale_id=known.sale_id)

    async def bind(self, key: str, sale_id: SaleId) -> None:
        """Bind the key to the sale that its request led to."""
        if known := self.tables.idempotency_keys.get(key):
            self.tables.idempotency_keys[key] = replace(known, sale_id=sale_id)

    async def release(self, key: str, *, done: bool) -> None:
        """Release the key; delete it if its request led to no sale and no response."""
        known = self.tables.idempotency_keys.pop(key, None)
        if known and (known.sale_id or done):
            self.tables.idempotency_keys[key] = replace(known, held_until=None, done=done)

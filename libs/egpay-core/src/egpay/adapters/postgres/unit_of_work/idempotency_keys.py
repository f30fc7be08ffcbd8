"""Idempotency keys: the first request with a key is carried out, later ones get its state."""

from datetime import datetime

import msgspec
from sqlalchemy import Boolean, delete, literal_column, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters.postgres.schema.tables import idempotency_keys
from egpay.domain.values import SaleId
from egpay.ports.storage import KeyClaim, KeyState

INSERTED = literal_column("(xmax = 0)", Boolean).label("inserted")
"""Whether an upsert inserted the row, which was not there before."""


class PostgresIdempotencyKeys(msgspec.Struct, frozen=True):
    """Port `IdempotencyKeys` over one row a key."""

    connection: AsyncConnection

    async def claim(self, key: str, request_hash: bytes, *, at: datetime, until: datetime) -> KeyClaim:
        """Claim it until a time; the upsert locks the row, so of two at once one sees the other's claim."""
        table = idempotency_keys.c
        new = insert(idempotency_keys).values(key=key, request_hash=request_hash, held_until=until)
        locking = new.on_conflict_do_update(index_elements=["key"], set_={"key": new.excluded.key})
        state = (table.request_hash, table.done, table.sale_id, table.held_until)
        known = (await self.connection.execute(locking.returning(*state, INSERTED))).one()
        if known.inserted:
            return KeyClaim(replay=KeyState.NEW)
        if known.request_hash != request_hash:
            return KeyClaim(replay=KeyState.MISMATCH)
        if known.done:
            return KeyClaim(replay=KeyState.DONE, sale_id=known.sale_id)
        if known.held_until is not None and known.held_until > at:
            return KeyClaim(replay=KeyState.IN_PROGRESS, sale_id=known.sale_id)
        await self._change(key, held_until=until)
        return KeyClaim(replay=KeyState.UNFINISHED if known.sale_id else KeyState.NEW, sale_id=known.sale_id)

    async def bind(self, key: str, sale_id: SaleId) -> None:
        """Bind the key to the sale that its request led to."""
        await self._change(key, sale_id=sale_id)

    async def release(self, key: str, *, done: bool) -> None:
        """Release the key, and free it again if its request led to no sale and no response."""
        await self._change(key, held_until=None, done=done)
        await self.connection.execute(
            delete(idempotency_keys).where(
                idempotency_keys.c.key == key,
                idempotency_keys.c.sale_id.is_(None),
                ~idempotency_keys.c.done,
            )
        )

    async def _change(self, key: str, **changes: object) -> None:
        await self.connection.execute(
            update(idempotency_keys).where(idempotency_keys.c.key == key).values(**changes)
        )

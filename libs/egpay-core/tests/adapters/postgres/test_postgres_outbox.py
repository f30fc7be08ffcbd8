"""What only PostgreSQL can show of the outbox."""

import asyncpg

from egpay.adapters.postgres.connection.pool import BY_KEY
from egpay.adapters.postgres.outbox import MARK_LEASED


async def test_marking_looks_up_its_own_messages_however_many_wait(database_url: str) -> None:
    connection = await asyncpg.connect(database_url, server_settings=BY_KEY)
    try:
        await connection.execute(f"PREPARE marking (text[]) AS {MARK_LEASED}")
        plan = await connection.fetch("EXPLAIN EXECUTE marking (ARRAY['evt_1', 'evt_2'])")
    finally:
        await connection.close()
    text = "\n".join(row[0] for row in plan)
    assert "uq_outbox_message_id" in text
    assert "ix_outbox_unpublished" not in text

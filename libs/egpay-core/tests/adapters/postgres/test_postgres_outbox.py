"""What only PostgreSQL can show of the outbox."""

from collections.abc import Sequence

import asyncpg
import pytest

from egpay.adapters.postgres.connection.pool import BY_KEY, create_pool
from egpay.adapters.postgres.outbox import MARK_LEASED, PostgresOutbox
from egpay.domain.errors import Outage
from egpay.outbox.relay import Relay
from egpay.ports.dead_letters import DeadLetter
from egpay.ports.outbox import OutboxMessage, Unpublishable
from egpay.testing.builders import receipt, subscription_changed
from egpay.testing.storage import Storage


class BrokerThatNeverTakesOne:
    """A broker for which one message is too large."""

    async def publish_many(self, messages: Sequence[OutboxMessage]) -> None:
        reasons = {message.id: "too large" for message in messages if b"sub_large" in message.payload}
        if reasons:
            raise Unpublishable(reasons)


async def test_a_row_that_the_broker_never_takes_is_counted_once_as_a_dead_letter(
    postgres: Storage, database_url: str
) -> None:
    await postgres.inbox.record_many([receipt(subscription_changed(name)) for name in ("sub_large", "sub_1")])
    counted: list[str] = []
    async with create_pool(database_url, name="test") as pool:
        relay = Relay(PostgresOutbox(pool, on_dead_letter=counted.append), BrokerThatNeverTakesOne())
        assert await relay.drain() == 2
        assert await relay.drain() == 0
    assert [letter.failed_in for letter in await postgres.lying_aside()] == ["delivery"]
    assert counted == ["delivery"]


async def test_a_row_is_not_counted_as_long_as_its_dead_letter_is_not_stored(
    postgres: Storage, database_url: str
) -> None:
    await postgres.inbox.record_many([receipt(subscription_changed("sub_large"))])
    counted: list[str] = []

    async def lost_connection(messages: Sequence[OutboxMessage]) -> Sequence[DeadLetter]:
        other = await asyncpg.connect(database_url)
        await other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await other.close()
        return [
            DeadLetter(message_id=message.id, subject=message.subject, payload=b"", reason="too large")
            for message in messages
        ]

    async with create_pool(database_url, name="test") as pool:
        with pytest.raises(Outage):
            await PostgresOutbox(pool, on_dead_letter=counted.append).drain_once(lost_connection)
    assert counted == []


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

"""From a row in PostgreSQL to a worker's hands over NATS, with several relays at once and with the broker away."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import asyncpg
import msgspec

from egpay.adapters.nats import JetStreamPublisher, JetStreamSource, connected
from egpay.adapters.nats.provision import provision
from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.postgres.outbox import PostgresOutbox, columns, put
from egpay.domain.values import MessageId
from egpay.outbox.relay import Relay
from egpay.ports.outbox import OutboxMessage


def _events(count: int) -> list[OutboxMessage]:
    return [
        OutboxMessage(
            id=MessageId(f"evt_{number}"), subject="billing.events.invoice_paid", payload=str(number).encode()
        )
        for number in range(count)
    ]


async def _write(url: str, messages: list[OutboxMessage]) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(put(1), *columns(messages))
    finally:
        await connection.close()


async def _until(true: Callable[[], bool], within: float = 10.0) -> None:
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.005)


async def test_several_relays_carry_every_row_to_the_worker_once(database_url: str, nats_url: str) -> None:
    await provision(nats_url)
    await _write(database_url, _events(1500))
    seen: list[str] = []
    async with create_pool(database_url, name="test") as pool, connected(nats_url, name="test") as connection:
        relays = [Relay(PostgresOutbox(pool), JetStreamPublisher(connection), limit=100) for _ in range(3)]
        running = [asyncio.create_task(relay.run()) for relay in relays]
        async with aclosing(JetStreamSource(connection).batches("reactions")) as batches:
            while len(seen) < 1500:
                async with asyncio.timeout(10):
                    for delivery in await anext(batches):
                        seen.append(delivery.payload.decode())
                        await delivery.ack()
        for task in running:
            task.cancel()
        await asyncio.wait(running)
    assert sorted(seen, key=int) == [str(number) for number in range(1500)]


async def test_a_row_that_the_broker_never_takes_holds_no_other_up_and_can_be_replayed(
    database_url: str, nats_url: str
) -> None:
    await provision(nats_url)
    rows = _events(300)
    rows[7] = msgspec.structs.replace(rows[7], payload=b"x" * 1_048_570)
    rows[9] = msgspec.structs.replace(rows[9], subject="billing.nowhere")
    await _write(database_url, rows)
    async with create_pool(database_url, name="test") as pool, connected(nats_url, name="test") as connection:
        relay = Relay(PostgresOutbox(pool), JetStreamPublisher(connection, timeout=2))
        assert await relay.drain() == 300
        info = await connection.client.jsm().stream_info("BILLING")
        letters = await pool.fetch("SELECT message_id, reason, failed_in, length(payload) FROM dead_letters")
        await pool.execute("UPDATE outbox SET published_at = NULL WHERE message_id = 'evt_7'")
        assert await relay.drain() == 1
        [again] = await pool.fetch("SELECT attempts FROM dead_letters WHERE message_id = 'evt_7'")
    assert info.state.messages >= 298
    assert {tuple(letter) for letter in letters} == {
        ("evt_7", "cannot be published: it is larger than the broker takes", "delivery", 1_048_570),
        ("evt_9", "cannot be published: no stream takes its subject", "delivery", 1),
    }
    assert again["attempts"] == 2


async def test_rows_wait_until_the_broker_is_laid_out(database_url: str, nats_url: str) -> None:
    await _write(database_url, _events(10))
    async with create_pool(database_url, name="test") as pool, connected(nats_url, name="test") as connection:
        relay = Relay(
            PostgresOutbox(pool), JetStreamPublisher(connection), first_delay=0.01, longest_delay=0.05
        )
        running = asyncio.create_task(relay.run())
        await _until(lambda: "egpay migrate" in str(relay._fault))
        await provision(nats_url)
        await _until(lambda: relay._fault is None)
        running.cancel()
        await asyncio.wait({running})
        info = await connection.client.jsm().stream_info("BILLING")
    assert info.state.messages == 10

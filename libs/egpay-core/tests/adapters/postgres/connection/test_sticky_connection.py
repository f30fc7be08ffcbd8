"""A connection at hand: batches that follow each other share one, and it is let go of when idle, broken or misused."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from egpay.adapters.postgres.connection.pool import Pool, StickyConnection, create_pool


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with create_pool(database_url, name="test", size=2) as opened:
        yield opened


async def backend(at_hand: StickyConnection) -> int:
    async with at_hand.connection() as connection:
        return int(await connection.fetchval("SELECT pg_backend_pid()"))


async def test_batches_that_follow_each_other_use_one_connection(pool: Pool) -> None:
    at_hand = StickyConnection(pool)
    assert len({await backend(at_hand) for _ in range(3)}) == 1
    assert pool.get_idle_size() == 0


async def test_it_goes_back_to_the_pool_when_nothing_more_comes(pool: Pool) -> None:
    at_hand = StickyConnection(pool, idle=0.01)
    for _ in range(2):
        await backend(at_hand)
        async with asyncio.timeout(5):
            while not pool.get_idle_size():
                await asyncio.sleep(0.005)


async def test_two_at_once_get_a_connection_each(pool: Pool) -> None:
    at_hand = StickyConnection(pool)
    async with at_hand.connection() as one, at_hand.connection() as other:
        assert await one.fetchval("SELECT pg_backend_pid()") != await other.fetchval(
            "SELECT pg_backend_pid()"
        )
    assert pool.get_idle_size() == 1


async def test_one_that_failed_is_given_back(pool: Pool) -> None:
    at_hand = StickyConnection(pool)
    with pytest.raises(asyncpg.PostgresError):
        async with at_hand.connection() as connection:
            await connection.execute("SELECT 1 / 0")
    assert pool.get_idle_size() == 1


async def test_one_that_the_server_ended_is_replaced(pool: Pool, database_url: str) -> None:
    at_hand = StickyConnection(pool)
    gone = await backend(at_hand)
    killer = await asyncpg.connect(database_url)
    await killer.execute("SELECT pg_terminate_backend($1, 5000)", gone)
    await killer.close()
    async with asyncio.timeout(5):
        while True:
            try:
                assert await backend(at_hand) != gone
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                continue
            break


async def test_closing_the_pool_waits_for_it_and_no_longer(database_url: str) -> None:
    async with asyncio.timeout(5):
        async with create_pool(database_url, name="test") as pool:
            await backend(StickyConnection(pool))

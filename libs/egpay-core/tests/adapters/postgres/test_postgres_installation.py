import asyncpg

from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.postgres.installation import PostgresInstallation


async def test_the_installation_is_read_once_and_is_unknown_before(database_url: str) -> None:
    async with create_pool(database_url, name="test") as pool:
        installation = PostgresInstallation(pool)
        assert installation.known() is None
        drawn = await installation.load()
        assert drawn.startswith("inst_")
        assert installation.known() == drawn
        assert await PostgresInstallation(pool).load() == drawn


async def test_the_switch_of_adoption_keeps_its_time_until_it_is_taken_back(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    async with create_pool(database_url, name="test") as pool:
        installation = PostgresInstallation(pool)
        await installation.adopt(every_subscription=True)
        since = await connection.fetchval("SELECT adopts_since FROM installation")
        await installation.adopt(every_subscription=True)
        assert since is not None
        assert await connection.fetchval("SELECT adopts_since FROM installation") == since
        await installation.adopt(every_subscription=False)
        assert await connection.fetchval("SELECT adopts_since FROM installation") is None
    await connection.close()

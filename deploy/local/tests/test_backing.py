"""What every other test relies on: a database and a broker of its own, whatever the test before it did."""

import asyncio

import asyncpg
import nats
import pytest

from egpay_local.backing import Backing
from egpay_local.backing.databases import prepared


async def _migrate(url: str) -> None:
    await _sql(url, "CREATE TABLE migrated ()")


def test_each_test_gets_a_migrated_database_that_no_other_test_has_touched(backing: Backing) -> None:
    with prepared(backing.admin_url, _migrate) as databases:
        with databases.fresh() as url:
            asyncio.run(_sql(url, "CREATE TABLE mine AS SELECT * FROM migrated"))
        with databases.fresh() as url, pytest.raises(asyncpg.UndefinedTableError):
            asyncio.run(_sql(url, "SELECT * FROM mine"))


async def test_a_database_goes_even_when_a_test_left_a_connection_open(backing: Backing) -> None:
    with prepared(backing.admin_url, _migrate) as databases, databases.fresh(migrated=False) as url:
        left_open = await asyncpg.connect(url)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(url)
    left_open.terminate()


@pytest.mark.parametrize("turn", ["first", "second"])
async def test_each_test_gets_a_broker_without_streams(nats_url: str, turn: str) -> None:
    connection = await nats.connect(nats_url)
    assert await connection.jetstream().streams_info() == []
    await connection.jetstream().add_stream(name=f"LEFT_BY_{turn}", subjects=["left"])
    await connection.close()


async def _sql(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()

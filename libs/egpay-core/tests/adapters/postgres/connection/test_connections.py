"""The engine and the pool: what a URL may look like, what a failure is called, and that a restart heals."""

import asyncpg
import pytest
from sqlalchemy import text

from egpay.adapters.postgres.connection.pool import Pool, create_engine, create_pool
from egpay.adapters.postgres.outbox import PostgresOutbox
from egpay.adapters.postgres.unit_of_work import unit_of_work
from egpay.domain.errors import Defect, Outage
from egpay.testing.builders import order, sale
from egpay.testing.storage import Storage

NOWHERE = "postgresql://nobody@127.0.0.1:1/nowhere"


async def look(pool: Pool) -> None:
    await PostgresOutbox(pool).backlog()


async def test_a_query_comes_back(database_url: str) -> None:
    async with create_pool(database_url, name="test") as pool:
        await look(pool)


async def test_a_pool_can_be_made_while_the_database_is_away() -> None:
    async with create_pool(NOWHERE, name="test") as pool:
        with pytest.raises(Outage, match="ConnectionRefusedError"):
            await look(pool)


async def test_a_folder_of_sockets_is_a_host(tmp_path: object) -> None:
    async with create_pool(f"postgresql://nobody@/nowhere?host={tmp_path}", name="test") as pool:
        with pytest.raises(Outage, match="FileNotFoundError"):
            await look(pool)


async def test_sessions_say_who_they_are_and_give_up_in_time(database_url: str) -> None:
    engine = create_engine(database_url, name="a-service", statement_timeout=0.05)
    async with engine.connect() as connection:
        assert (await connection.scalar(text("SHOW application_name"))) == "a-service"
        assert (await connection.scalar(text("SHOW timezone"))) == "UTC"
        assert (await connection.scalar(text("SHOW statement_timeout"))) == "50ms"
    await engine.dispose()


async def test_a_unit_of_work_without_a_database_is_an_outage() -> None:
    engine = create_engine(NOWHERE, name="test")

    async def work() -> None:
        async with unit_of_work(engine)() as uow:
            await uow.products.all()

    with pytest.raises(Outage, match="the database does not answer"):
        await work()
    await engine.dispose()


async def test_a_unit_of_work_after_a_restart_does_not_notice(postgres: Storage, database_url: str) -> None:
    async with postgres.begin() as uow:
        await uow.products.all()
    connection = await asyncpg.connect(database_url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()
    async with postgres.begin() as uow:
        assert await uow.products.all() == []


async def test_a_connection_that_dies_within_a_unit_of_work_is_an_outage(
    postgres: Storage, database_url: str
) -> None:
    async def work() -> None:
        async with postgres.begin() as uow:
            await uow.products.all()
            connection = await asyncpg.connect(database_url)
            await connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await connection.close()
            await uow.products.all()

    with pytest.raises(Outage, match="the database does not answer"):
        await work()


async def test_data_that_cannot_be_kept_is_a_defect_that_quotes_nothing(postgres: Storage) -> None:
    placed = order(name="Ada\x00")

    async def work() -> None:
        async with postgres.begin() as uow:
            await uow.sales.add(sale(placed), placed)

    with pytest.raises(Defect) as caught:
        await work()
    assert str(caught.value) == "the database refuses the data: CharacterNotInRepertoireError"
    assert caught.value.__cause__ is None

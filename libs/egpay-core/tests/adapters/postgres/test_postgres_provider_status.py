"""What a provider asked for, and that it refuses us, is known to all processes by the database's clock."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from egpay.adapters.postgres.connection.pool import Pool, create_pool
from egpay.adapters.postgres.provider_status import PostgresProviderStatus, provider_states
from egpay.adapters.postgres.schema.rights import BILLING_WORKER, CHECKOUT_API
from egpay.ports.provider_status import ProviderState


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with create_pool(database_url, name="test", size=4) as pool:
        yield pool


async def test_a_provider_without_trouble_has_no_row_and_no_pause(pool: Pool) -> None:
    assert await PostgresProviderStatus(pool, "stripe").state() == ProviderState(name="stripe")
    assert await provider_states(pool) == []


async def test_a_pause_holds_for_one_provider_in_all_processes_and_is_not_shortened(pool: Pool) -> None:
    await PostgresProviderStatus(pool, "stripe").pause(10, reason="429")
    await PostgresProviderStatus(pool, "stripe").pause(2, reason="503")
    known = await PostgresProviderStatus(pool, "stripe").state()
    assert 9 < known.paused_for <= 10
    assert known.pause_reason == "429"
    assert (await PostgresProviderStatus(pool, "warehouse").state()).paused_for == 0


async def test_a_pause_ends_by_itself(pool: Pool) -> None:
    await PostgresProviderStatus(pool, "stripe").pause(0, reason="429")
    assert (await PostgresProviderStatus(pool, "stripe").state()).paused_for == 0


async def test_of_many_refusals_one_is_the_first_until_the_provider_accepts_us(pool: Pool) -> None:
    status = PostgresProviderStatus(pool, "warehouse")
    firsts = await asyncio.gather(*(status.refused("401") for _ in range(8)))
    assert sorted(firsts) == [False] * 7 + [True]
    began = (await status.state()).refused_since
    assert not await status.refused("403")
    known = await status.state()
    assert (known.refused_since, known.refusal) == (began, "403")
    await status.accepted()
    assert (await status.state()).refused_since is None
    assert await status.refused("401")


@pytest.mark.parametrize("role", [CHECKOUT_API, BILLING_WORKER])
async def test_each_service_may_do_all_of_it(database_url: str, role: str) -> None:
    async with create_pool(f"{database_url}?role={role}", name="test") as pool:
        status = PostgresProviderStatus(pool, "stripe")
        await status.pause(1, reason="429")
        assert await status.refused("401")
        await status.accepted()

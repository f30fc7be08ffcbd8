"""What fails now is on file for an operator, with its first failure and its last reason, until it is done."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from egpay.adapters.postgres.connection.pool import Pool, create_pool
from egpay.adapters.postgres.operator.pending_work import FailingCommands, load_failing_commands
from egpay.adapters.postgres.retry_log import PostgresRetryLog
from egpay.adapters.postgres.schema.rights import BILLING_WORKER
from egpay.adapters.system.clock import utc_now
from egpay.domain.values import MessageId, SaleId
from egpay.ports.retries import FailedTry


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with create_pool(database_url, name="test", size=2) as pool:
        yield pool


@pytest.fixture
async def log(database_url: str) -> AsyncIterator[PostgresRetryLog]:
    """The log under the worker's own rights."""
    async with create_pool(f"{database_url}?role={BILLING_WORKER}", name="test", size=1) as pool:
        yield PostgresRetryLog(pool)


def failed(name: str, *, tries: int, at: datetime, reason: str = "away") -> FailedTry:
    return FailedTry(
        message_id=MessageId(name),
        command="ship_devices",
        sale_id=SaleId("sale_1"),
        tries=tries,
        reason=reason,
        failed_at=at,
        next_at=at + timedelta(minutes=1),
    )


async def test_the_first_failure_and_the_last_reason_stay_until_the_command_is_done(
    pool: Pool, log: PostgresRetryLog
) -> None:
    first = utc_now()
    last = first + timedelta(minutes=20)
    await log.record(failed("ship:1", tries=1, at=first))
    await log.record(failed("ship:1", tries=9, at=last, reason="the warehouse answered 503"))
    await log.record(failed("ship:2", tries=1, at=first))
    told = FailingCommands(
        command="ship_devices",
        count=2,
        since=first,
        reason="the warehouse answered 503",
        next_at=first + timedelta(minutes=1),
    )
    assert await load_failing_commands(pool) == [told]
    await log.close([MessageId("ship:1"), MessageId("ship:2"), MessageId("ship:3")])
    assert await load_failing_commands(pool) == []


async def test_what_no_try_renewed_for_eight_days_goes_with_the_next_first_failure(
    pool: Pool, log: PostgresRetryLog
) -> None:
    now = utc_now()
    await log.record(failed("ship:lost", tries=30, at=now - timedelta(days=9)))
    await log.record(failed("ship:new", tries=2, at=now))
    assert await pool.fetchval("SELECT count(*) FROM retries") == 2
    await log.record(failed("ship:newer", tries=1, at=now))
    rows = await pool.fetch("SELECT message_id FROM retries ORDER BY 1")
    assert [row["message_id"] for row in rows] == ["ship:new", "ship:newer"]

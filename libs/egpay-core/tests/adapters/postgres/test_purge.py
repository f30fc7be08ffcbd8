"""What is old leaves, what is young or not yet published stays, and writers do not notice."""

from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from egpay.adapters.postgres.connection.pool import Pool, create_pool
from egpay.adapters.postgres.purge import PostgresRetention
from egpay.adapters.postgres.schema.rights import BILLING_WORKER, CHECKOUT_API
from egpay.domain.errors import Defect, EgpayError
from egpay.ports.retention import PurgedTable

MONTH = timedelta(days=30)
FILL = """
    INSERT INTO webhook_events (source, event_id, type, occurred_at, received_at, disposition, body)
    SELECT 'stripe', 'evt_' || n, 't', now(), now() - n * interval '1 day', 'ignored', '' FROM generate_series(0, 59) n;
    INSERT INTO outbox (message_id, subject, payload, created_at, published_at)
    SELECT 'evt_' || n, 's', '', now() - n * interval '1 day',
           CASE WHEN n % 10 <> 0 THEN now() - n * interval '1 day' END
    FROM generate_series(59, 0, -1) n;
    INSERT INTO processed_messages (message_id, processed_at)
    SELECT 'evt_' || n, now() - n * interval '1 day' FROM generate_series(0, 59) n;
    INSERT INTO foreign_events (id, about, reason, event, noted_at)
    SELECT 'evt_' || n, '{sub_1}', 'r', '{}', now() - n * interval '1 day' FROM generate_series(0, 59) n;
    INSERT INTO reconcile_findings (kind, event_id, type, what, occurred_at, found_at)
    SELECT 'missed', 'evt_' || n, 't', 'w', now(), now() - n * interval '1 day' FROM generate_series(0, 59) n;
    INSERT INTO idempotency_keys (key, request_hash, created_at, held_until)
    SELECT 'key_' || n, '', now() - n * interval '1 day', CASE n WHEN 59 THEN now() + interval '1 minute' END
    FROM generate_series(0, 59) n;
    INSERT INTO portal_links (id, email_key, requested_at)
    SELECT 'link_' || n, 'a@example.com', now() - n * interval '1 day' FROM generate_series(0, 59) n;
    INSERT INTO questions (subject, asked_at)
    SELECT 'sub_' || n, now() - n * interval '1 day' FROM generate_series(0, 59) n;
"""


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with create_pool(f"{database_url}?role={BILLING_WORKER}", name="test") as opened:
        owner = await asyncpg.connect(database_url)
        await owner.execute(FILL)
        await owner.close()
        yield opened


async def left(pool: Pool, what: PurgedTable) -> int:
    """Counts as the schema's owner, because the worker may not read what buyers' keys are."""
    async with pool.acquire() as connection:
        await connection.execute("SET ROLE NONE")
        try:
            return int(await connection.fetchval(f"SELECT count(*) FROM {what}"))  # noqa: S608 - a name of ours
        finally:
            await connection.execute(f"SET ROLE {BILLING_WORKER}")


@pytest.mark.parametrize(
    ("what", "stays"),
    [
        (PurgedTable.WEBHOOKS, 30),
        (PurgedTable.PUBLISHED, 33),
        (PurgedTable.PROCESSED, 30),
        (PurgedTable.FOREIGN, 30),
        (PurgedTable.FINDINGS, 30),
        (PurgedTable.IDEMPOTENCY_KEYS, 31),
        (PurgedTable.PORTAL_LINKS, 30),
        (PurgedTable.LOOKUPS, 30),
    ],
)
async def test_what_is_past_its_age_leaves_a_few_rows_at_a_time(
    pool: Pool, what: PurgedTable, stays: int
) -> None:
    retention = PostgresRetention(pool)
    first = await retention.purge(what, older_than=MONTH, most=8)
    assert 0 < first <= 8
    assert await left(pool, what) == 60 - first
    while await retention.purge(what, older_than=MONTH, most=60):
        pass
    assert await left(pool, what) == stays


async def test_a_message_that_is_not_published_stays_however_old_it_is(pool: Pool) -> None:
    await PostgresRetention(pool).purge(PurgedTable.PUBLISHED, older_than=MONTH, most=100)
    waiting = await pool.fetch("SELECT message_id FROM outbox WHERE published_at IS NULL ORDER BY id")
    assert [row[0] for row in waiting] == [f"evt_{n}" for n in (50, 40, 30, 20, 10, 0)]


async def test_a_row_that_somebody_holds_is_stepped_over(pool: Pool, database_url: str) -> None:
    holder = await asyncpg.connect(database_url)
    async with holder.transaction():
        await holder.execute("SELECT FROM webhook_events WHERE event_id = 'evt_59' FOR UPDATE")
        assert await PostgresRetention(pool).purge(PurgedTable.WEBHOOKS, older_than=MONTH, most=100) == 29
    await holder.close()


async def test_only_one_purges_at_a_time(pool: Pool) -> None:
    async with pool.acquire() as another, another.transaction():
        await another.execute("SELECT pg_advisory_xact_lock(hashtextextended('purge', 0))")
        assert await PostgresRetention(pool).purge(PurgedTable.WEBHOOKS, older_than=MONTH, most=100) == 0
    assert await PostgresRetention(pool).purge(PurgedTable.WEBHOOKS, older_than=MONTH, most=100) == 30


async def test_nothing_of_the_last_week_can_be_purged(pool: Pool) -> None:
    with pytest.raises(Defect):
        await PostgresRetention(pool).purge(PurgedTable.WEBHOOKS, older_than=timedelta(days=6), most=100)
    assert await left(pool, PurgedTable.WEBHOOKS) == 60


async def test_checkout_api_may_not_have_anything_purged(database_url: str) -> None:
    async with create_pool(f"{database_url}?role={CHECKOUT_API}", name="test") as pool:
        with pytest.raises(EgpayError):
            await PostgresRetention(pool).purge(PurgedTable.WEBHOOKS, older_than=MONTH, most=1)

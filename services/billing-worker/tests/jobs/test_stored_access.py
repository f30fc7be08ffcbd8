"""Access in PostgreSQL, with the worker's own login: stored with its events, versioned, ended by the job."""

from datetime import timedelta
from typing import Any

import asyncpg
from purchase_events import SUBSCRIPTION, a_sale, changed, invoice, later

from billing_worker.inbound.fold_batch import fold
from billing_worker.jobs.access_expiry import AccessExpiryJob
from egpay.adapters.postgres.books import PostgresBooks
from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.postgres.due_accesses import PostgresDueAccesses
from egpay.adapters.postgres.inbox import PostgresInbox
from egpay.adapters.postgres.installation import PostgresInstallation
from egpay.adapters.postgres.schema.rights import BILLING_WORKER
from egpay.domain.events import BillingEvent, CustomerDeleted, InvoicePaymentFailed, Source
from egpay.domain.subscription import SubscriptionReport, SubscriptionStatus
from egpay.domain.values import CustomerId, InvoiceId, MessageId
from egpay.testing.builders import order
from egpay.testing.storage import in_postgres

ACTIVE, PAST_DUE = SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE
DUE = later(30 * 86_400)
END = DUE + timedelta(days=14)
FAILED = InvoicePaymentFailed(
    id=MessageId("evt_failed"),
    occurred_at=DUE,
    source=Source.STRIPE,
    invoice_id=InvoiceId("in_two"),
    attempt=1,
    initial=False,
    subscription_id=SUBSCRIPTION,
    owed_since=DUE,
)


async def sold(url: str) -> None:
    async with in_postgres(url) as storage, storage.begin() as uow:
        await uow.sales.add(a_sale(), order())


async def stored(url: str) -> list[dict[str, Any]]:
    owner = await asyncpg.connect(url)
    found = await owner.fetch("SELECT level, why, until, version FROM access")
    await owner.close()
    return [dict(row) for row in found]


async def test_grace_is_stored_with_the_events_that_say_it_and_ended_by_the_job(database_url: str) -> None:
    await sold(database_url)
    async with create_pool(f"{database_url}?role={BILLING_WORKER}", name="test") as pool:
        books, inbox = PostgresBooks(pool), PostgresInbox(pool)

        async def work_on(*events: BillingEvent) -> None:
            assert (await books.apply(events, fold, payloads=None)).done == len(events)

        await work_on(changed(ACTIVE), invoice())
        assert await stored(database_url) == [{"level": "full", "why": "active", "until": None, "version": 1}]
        await work_on(FAILED)
        await work_on(changed(PAST_DUE, 2, at=DUE))
        assert await stored(database_url) == [
            {"level": "grace", "why": "past_due", "until": END, "version": 2}
        ]
        job = AccessExpiryJob(PostgresDueAccesses(pool), inbox, clock=lambda: END)
        assert [await job.turn(), await job.turn()] == [1, 0]
        [row] = await pool.fetch(
            "SELECT message_id, payload FROM outbox WHERE subject = 'billing.events.access_due'"
        )
        assert (await books.apply([job_event(row)], fold, payloads=[row["payload"]])).done == 1
        assert await stored(database_url) == [
            {"level": "none", "why": "grace_over", "until": None, "version": 3}
        ]
        told = await pool.fetch(
            "SELECT message_id FROM outbox WHERE subject = 'billing.public.access.changed'"
        )
        assert [row["message_id"].rpartition(":")[2] for row in told] == ["1", "2", "3"]
        assert await job.turn() == 0


def job_event(row: asyncpg.Record) -> BillingEvent:
    from egpay.adapters.wire import read_event

    return read_event(row["payload"])


async def test_an_organisation_without_a_stored_access_gets_one(database_url: str) -> None:
    await sold(database_url)
    async with create_pool(f"{database_url}?role={BILLING_WORKER}", name="test") as pool:
        await PostgresBooks(pool).apply([changed(ACTIVE), invoice()], fold, payloads=None)
        owner = await asyncpg.connect(database_url)
        await owner.execute("DELETE FROM access")
        await owner.close()
        [due] = await PostgresDueAccesses(pool).missing(most=10)
        assert (due.subscription_id, due.elapsed) == (SUBSCRIPTION, None)
        assert await PostgresDueAccesses(pool).over(at=END, most=10) == []


async def test_a_customer_that_was_deleted_before_its_subscription_is_first_reported_ends_it(
    database_url: str,
) -> None:
    await sold(database_url)
    customer = CustomerId("cus_one")
    gone = CustomerDeleted(
        id=MessageId("evt_gone"), occurred_at=later(60), source=Source.STRIPE, customer_id=customer
    )
    report = changed(ACTIVE)
    report = type(report)(
        id=report.id,
        occurred_at=report.occurred_at,
        source=report.source,
        sale_id=report.sale_id,
        subscription_id=report.subscription_id,
        report=SubscriptionReport(status=ACTIVE, customer_id=customer),
    )
    async with create_pool(f"{database_url}?role={BILLING_WORKER}", name="test") as pool:
        for event in (gone, report):
            await PostgresBooks(pool).apply([event], fold, payloads=None)
        assert await pool.fetchval("SELECT status FROM subscriptions") == "canceled"
        assert await pool.fetchval("SELECT count(*) FROM foreign_events") == 0


async def test_the_days_of_grace_are_stored_for_the_rules(database_url: str) -> None:
    async with create_pool(f"{database_url}?role={BILLING_WORKER}", name="test") as pool:
        await PostgresInstallation(pool).grant_grace(days=3)
        assert await pool.fetchval("SELECT access_grace_days FROM installation") == 3

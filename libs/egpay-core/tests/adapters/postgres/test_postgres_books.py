"""What only a real database can do to the books: refuse data, go away, or learn a link while we wait."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec
import pytest

from egpay.adapters.postgres.books import PostgresBooks
from egpay.adapters.postgres.books.claiming import CLAIM
from egpay.adapters.postgres.books.loading import LOAD
from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.wire import event_message, read_event
from egpay.domain.books import Records
from egpay.domain.errors import Outage
from egpay.domain.events import BillingEvent, ShipmentReported
from egpay.domain.outcome import Outcome
from egpay.domain.sale import Sale
from egpay.domain.shipment import Progress, Shipment
from egpay.domain.subscription import Subscription
from egpay.domain.values import CustomerId, OrganisationId, SubscriptionId
from egpay.ports.books import BatchResult
from egpay.testing.builders import (
    account,
    checkout_completed,
    invoice_paid,
    order,
    receipt,
    sale,
    shipment_reported,
    subscription,
    subscription_changed,
)
from egpay.testing.folds import Record, Watching, changing, leading_to, pages, writing
from egpay.testing.storage import Storage

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


async def sold(postgres: Storage) -> Sale:
    placed = order(plan=None)
    opened = sale(placed)
    async with postgres.begin() as uow:
        await uow.sales.add(opened, placed)
    return opened


def taking_over(event: BillingEvent, _: Records) -> Iterable[Record]:
    """The warehouse's words go into the shipment as they are."""
    assert isinstance(event, ShipmentReported)
    assert event.sale_id is not None
    return [Shipment(sale_id=event.sale_id, carrier=event.carrier, tracking_number=event.tracking_number)]


async def test_a_poison_event_costs_only_itself(postgres: Storage) -> None:
    sales = [await sold(postgres) for _ in range(9)]
    events = [shipment_reported(one.id, Progress.SHIPPED) for one in sales]
    events[5] = msgspec.structs.replace(events[5], carrier="N\x00UL")
    applied = await postgres.apply(events, changing(taking_over))
    assert applied == BatchResult(done=8, parked=(events[5].id,))
    watching = Watching()
    await postgres.apply([shipment_reported(one.id, Progress.SHIPPED) for one in sales], watching)
    assert set(watching.loaded.shipments) == {one.id for one in sales} - {sales[5].id}


async def test_a_poison_event_lies_aside_as_it_came_with_a_reason_that_quotes_nothing(
    postgres: Storage,
) -> None:
    opened = await sold(postgres)
    event = msgspec.structs.replace(
        shipment_reported(opened.id, Progress.SHIPPED), carrier="\x00", tracking_number="secret"
    )
    await postgres.apply([event], changing(taking_over))
    [letter] = await postgres.lying_aside()
    assert letter.reason == "the database refuses the data: UntranslatableCharacterError"
    assert "secret" not in letter.trace
    assert "keeping.py" in letter.trace
    assert read_event(letter.payload) == event
    assert await postgres.apply([event], changing(taking_over)) == BatchResult(seen=1)


@pytest.mark.parametrize(
    ("impossible", "why"),
    [
        (subscription(customer_id=CustomerId("\ud800")), "UnicodeEncodeError"),
        (subscription(quantity=2**40), "NumericValueOutOfRangeError"),
        (
            subscription(organisation_id=OrganisationId("org_nowhere")),
            "ForeignKeyViolationError at fk_subscriptions_organisation_id_organisations",
        ),
        (subscription("sub_" + "x" * 9_000_000), "ProgramLimitExceededError"),
    ],
    ids=["half a character", "too large", "no such organisation", "too long for an index"],
)
async def test_what_the_database_refuses_is_parked(
    postgres: Storage, impossible: Subscription, why: str
) -> None:
    event = subscription_changed()
    assert await postgres.apply([event], writing(impossible)) == BatchResult(parked=(event.id,))
    [letter] = await postgres.lying_aside()
    assert letter.reason.startswith(f"the database refuses the data: {why}")


@asynccontextmanager
async def another_worker_holding(lock: str, url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A transaction that holds a lock until somebody waits for it and the block has done its work."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", lock)
            yield connection
    finally:
        await connection.close()


async def until_somebody_waits(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    async with asyncio.timeout(10):
        while not await connection.fetchval(WAITING):
            await asyncio.sleep(0.01)


async def test_a_link_that_is_learnt_while_a_batch_waits_is_followed(
    postgres: Storage, database_url: str
) -> None:
    opened = await sold(postgres)
    await postgres.apply([subscription_changed()], writing(subscription(), account()))
    event, watching = invoice_paid(subscription_id=SubscriptionId("sub_1")), Watching()
    async with another_worker_holding("subscription:sub_1", database_url) as other:
        batch = asyncio.create_task(postgres.apply([event], watching))
        await until_somebody_waits(other)
        await other.execute("UPDATE subscriptions SET sale_id = $1 WHERE id = 'sub_1'", opened.id)
    assert await batch == BatchResult(done=1)
    assert [one.sale_id for one in watching.events] == [opened.id]
    assert watching.loaded == pages(opened, subscription(sale_id=opened.id), account())


async def test_a_subscription_the_account_is_given_while_a_batch_waits_is_seen(
    postgres: Storage, database_url: str
) -> None:
    opened = await sold(postgres)
    await postgres.apply([subscription_changed()], writing(subscription("sub_old"), account()))
    event, watching = subscription_changed("sub_new", sale_id=opened.id), Watching()
    async with another_worker_holding("account:ada@example.com", database_url) as other:
        batch = asyncio.create_task(postgres.apply([event], watching))
        await until_somebody_waits(other)
        await other.execute("UPDATE subscriptions SET organisation_id = $1", account().organisation.id)
    assert await batch == BatchResult(done=1)
    sibling = subscription("sub_old", organisation_id=account().organisation.id)
    assert watching.loaded == pages(opened, sibling, account())


async def test_a_worker_does_not_write_over_a_page_that_was_opened_meanwhile(
    postgres: Storage, database_url: str
) -> None:
    opened = await sold(postgres)
    await postgres.apply([checkout_completed(opened.id)], writing(opened))
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("UPDATE sales SET checkout_url = 'https://pay.test', session_attempt = 2")
        await postgres.apply([checkout_completed(opened.id)], writing(opened))
        row = await connection.fetchrow("SELECT checkout_url, session_attempt FROM sales")
        assert row is not None
        assert tuple(row) == ("https://pay.test", 2)
    finally:
        await connection.close()


async def test_a_database_that_is_away_is_an_outage_and_its_return_heals(
    postgres: Storage, database_url: str
) -> None:
    event = subscription_changed()
    nothing = leading_to(Outcome(written=Records()))
    async with create_pool("postgresql://nobody@127.0.0.1:1/nowhere", name="test") as nowhere:
        with pytest.raises(Outage, match="the database does not answer"):
            await PostgresBooks(nowhere).apply([event], nothing, payloads=None)
    assert await postgres.apply([event], nothing) == BatchResult(done=1)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'test'"
        )
        async with asyncio.timeout(10):
            while True:
                try:
                    assert await postgres.apply([event], nothing) == BatchResult(seen=1)
                    break
                except Outage:
                    await asyncio.sleep(0.01)
    finally:
        await connection.close()


def rows_read(plan: dict[str, Any], table: str) -> float:
    """Rows that a plan read of a table, in all its loops."""
    own = plan["Actual Rows"] * plan["Actual Loops"] if plan.get("Relation Name") == table else 0.0
    return float(own) + sum(rows_read(child, table) for child in plan.get("Plans", ()))


def read_whole(plan: dict[str, Any]) -> list[str]:
    """Tables and indexes that a plan reads from end to end; the row of the installation is the only one of its table."""
    whole = plan["Node Type"] in ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Index Scan")
    name = plan.get("Relation Name") or plan.get("Index Name", "")
    own = [name] if whole and "Index Cond" not in plan and name != "installation" else []
    return own + [found for child in plan.get("Plans", ()) for found in read_whole(child)]


@pytest.mark.parametrize(("statement", "types"), [(CLAIM, 7), (LOAD, 10)], ids=["claim", "load"])
async def test_a_plan_made_while_the_tables_were_empty_reads_none_of_them_whole(
    statement: str, types: int, database_url: str
) -> None:
    """One plan serves a connection for life. A join that was free to read both sides cost 0.8 s at 2,000 accounts."""
    async with create_pool(database_url, name="test") as pool, pool.acquire() as connection:
        await connection.execute("ANALYZE")
        await connection.execute(f"PREPARE statement AS {statement}")
        [[told]] = await connection.fetch(
            f"EXPLAIN (FORMAT JSON) EXECUTE statement ({', '.join(['NULL'] * types)})"
        )
    [explained] = json.loads(told)
    assert read_whole(explained["Plan"]) == []


async def test_a_claim_reads_no_more_of_the_outbox_than_its_own_messages(
    postgres: Storage, database_url: str
) -> None:
    """A plan that reads the outbox whole costs a worker twenty times its work, and more each day."""
    events = [subscription_changed(f"sub_{number}") for number in range(600)]
    await postgres.inbox.record_many([receipt(event) for event in events])
    message = event_message(events[7])
    values = f"'{{}}', '{{}}', '{{}}', '{{}}', '{{{message.id}}}', ARRAY['\\x{message.payload.hex()}'::bytea], '{{}}'"
    async with create_pool(database_url, name="test") as pool, pool.acquire() as connection:
        await connection.execute("ANALYZE outbox")
        await connection.execute(f"PREPARE claiming AS {CLAIM}")
        [[told]] = await connection.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE claiming ({values})")
    [explained] = json.loads(told)
    assert rows_read(explained["Plan"], "outbox") == 1.0

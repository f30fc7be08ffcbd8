"""News on its way to the product's endpoint: one row for each object, one worker for each try."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import msgspec
import pytest

from egpay.adapters.postgres.app_deliveries import PostgresAppDeliveries
from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.postgres.schema.rights import BILLING_WORKER
from egpay.domain.books import Records
from egpay.domain.events import Source
from egpay.domain.outcome import Outcome
from egpay.domain.public_events import PublicEvent, PublicObject, SalePaid, SaleRefunded, public_id
from egpay.domain.values import SaleId
from egpay.ports.app_deliveries import AppAnswer
from egpay.testing.builders import moment, subscription_changed
from egpay.testing.folds import leading_to
from egpay.testing.storage import Storage, in_postgres

pytestmark = pytest.mark.integration
TAKEN, AWAY, REFUSED = (
    AppAnswer(status=204),
    AppAnswer(reason="out of reach"),
    AppAnswer(status=422, reason="no"),
)


@pytest.fixture
async def deliveries(database_url: str) -> AsyncIterator[PostgresAppDeliveries]:
    async with create_pool(f"{database_url}?role={BILLING_WORKER}", name="test", size=4) as pool:
        yield PostgresAppDeliveries(pool)


@pytest.fixture
async def storage(database_url: str) -> AsyncIterator[Storage]:
    async with in_postgres(f"{database_url}?role={BILLING_WORKER}") as real:
        yield real


def news(sale: str, version: int, *, gone: int = 0) -> PublicEvent:
    header: dict[str, Any] = {
        "id": public_id(PublicObject.SALE.of(sale), version),
        "occurred_at": moment(),
        "source": Source.STRIPE,
        "version": version,
        "sale_id": SaleId(sale),
    }
    return SaleRefunded(**header, gone=gone, currency="eur") if gone else SalePaid(**header)


async def told(storage: Storage, *events: PublicEvent) -> None:
    await storage.apply(
        [subscription_changed(f"sub_{events[0].id}")],
        leading_to(Outcome(written=Records(), public_events=events)),
    )


async def ask(url: str, query: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


async def test_news_is_due_with_the_event_that_led_to_it_and_is_on_the_broker_too(
    storage: Storage, deliveries: PostgresAppDeliveries, database_url: str
) -> None:
    await told(storage, news("sale_a", 1))
    [message] = await deliveries.claim(most=10, lease=60.0)
    assert (message.object, message.id, message.tries) == ("sale:sale_a", "public:sale:sale_a:1", 1)
    assert msgspec.json.decode(message.payload)["type"] == "sale.paid"
    [row] = await ask(
        database_url, "SELECT subject, payload FROM outbox WHERE message_id = 'public:sale:sale_a:1'"
    )
    assert (row["subject"], row["payload"]) == ("billing.public.sale.paid", message.payload)


async def test_of_several_versions_only_the_newest_is_due_whether_they_come_in_one_batch_or_apart(
    storage: Storage, deliveries: PostgresAppDeliveries
) -> None:
    await told(storage, news("sale_a", 1), news("sale_a", 2, gone=5))
    await told(storage, news("sale_b", 1))
    await told(storage, news("sale_b", 2, gone=7))
    found = {one.object: one.id for one in await deliveries.claim(most=10, lease=60.0)}
    assert found == {"sale:sale_a": "public:sale:sale_a:2", "sale:sale_b": "public:sale:sale_b:2"}


async def test_what_one_worker_holds_no_other_gets_until_its_lease_is_over(
    storage: Storage, deliveries: PostgresAppDeliveries
) -> None:
    for number in range(20):
        await told(storage, news(f"sale_{number}", 1))
    parts = await asyncio.gather(*(deliveries.claim(most=8, lease=60.0) for _ in range(4)))
    names = [one.object for part in parts for one in part]
    assert len(names) == len(set(names)) == 20
    assert await deliveries.claim(most=8, lease=60.0) == []
    await told(storage, news("sale_late", 1))
    [late] = await deliveries.claim(most=8, lease=0.0)
    [again] = await deliveries.claim(most=8, lease=60.0)
    assert (late.object, again.tries) == (again.object, 2)


async def test_a_newer_version_that_comes_while_an_older_one_is_posted_stays_due(
    storage: Storage, deliveries: PostgresAppDeliveries
) -> None:
    await told(storage, news("sale_a", 1))
    [first] = await deliveries.claim(most=10, lease=60.0)
    await told(storage, news("sale_a", 2, gone=5))
    assert await deliveries.claim(most=10, lease=60.0) == []
    await deliveries.delivered(first, TAKEN)
    [second] = await deliveries.claim(most=10, lease=60.0)
    assert (second.id, second.tries) == ("public:sale:sale_a:2", 1)
    await deliveries.postpone(second, AWAY, delay=900.0)
    await told(storage, news("sale_a", 3, gone=6))
    [third] = await deliveries.claim(most=10, lease=60.0)
    assert third.id == "public:sale:sale_a:3"


async def test_what_was_postponed_is_due_again_later_and_says_why(
    storage: Storage, deliveries: PostgresAppDeliveries, database_url: str
) -> None:
    await told(storage, news("sale_a", 1))
    [message] = await deliveries.claim(most=10, lease=60.0)
    await deliveries.postpone(message, REFUSED, delay=3600.0)
    assert await deliveries.claim(most=10, lease=60.0) == []
    waits = await deliveries.backlog()
    assert (waits.waiting, waits.oldest, waits.status, waits.reason) == (1, "sale:sale_a", 422, "no")
    await ask(
        database_url, "UPDATE app_deliveries SET next_at = now(), waits_since = now() - interval '2 days'"
    )
    [again] = await deliveries.claim(most=10, lease=60.0)
    assert (again.id, again.tries) == (message.id, 2)
    assert again.waited == pytest.approx(172_800, abs=60)
    await deliveries.delivered(again, TAKEN)
    assert (await deliveries.backlog()).waiting == 0


async def test_an_endpoint_that_answers_again_is_given_what_an_outage_held_up_and_not_what_it_refused(
    storage: Storage, deliveries: PostgresAppDeliveries, database_url: str
) -> None:
    answers = {"a": AWAY, "b": AppAnswer(status=503), "c": AppAnswer(status=429), "d": REFUSED}
    for name in answers:
        await told(storage, news(f"sale_{name}", 1))
    for message in await deliveries.claim(most=10, lease=60.0):
        await deliveries.postpone(message, answers[message.object[-1]], delay=3600.0)
    assert await deliveries.hasten() == 0
    await ask(database_url, "UPDATE app_deliveries SET tried_at = now() - interval '2 minutes'")
    assert await deliveries.hasten() == 3
    assert {one.object[-1] for one in await deliveries.claim(most=10, lease=60.0)} == {"a", "b", "c"}

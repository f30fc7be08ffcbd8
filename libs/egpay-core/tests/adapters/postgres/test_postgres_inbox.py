"""What only a real database can do to an inbox: refuse words, count repeats, go away."""

import asyncpg
import pytest

from egpay.adapters.postgres.connection.pool import create_pool
from egpay.adapters.postgres.inbox import PostgresInbox
from egpay.domain.errors import Outage
from egpay.domain.values import MessageId
from egpay.ports.inbox import Disposition, Receipt
from egpay.testing.builders import receipt, subscription_changed
from egpay.testing.storage import Storage


async def rows(url: str, query: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "words",
    [
        {"type": "invoice.\x00paid"},
        {"type": "invoice.\ud800paid"},
        {"api_version": "\x00"},
        {"event_id": MessageId("evt_\x00")},
        {"event_id": MessageId("evt_" + "x" * 9_000_000)},
    ],
    ids=["NUL in the type", "half a character", "NUL in the version", "NUL in the id", "endless id"],
)
async def test_a_poison_webhook_is_parked_whole_and_its_neighbours_are_accepted(
    postgres: Storage, database_url: str, words: dict[str, str]
) -> None:
    good = [receipt(subscription_changed(f"sub_{number}")) for number in range(3)]
    poison = receipt(subscription_changed(), body=b"the \x00 body", **words)
    fresh = await postgres.inbox.record_many([good[0], poison, *good[1:]])
    assert fresh == {poison.event_id, *(one.event_id for one in good)}
    assert await postgres.inbox.record_many([poison, good[0]]) == frozenset()
    [letter] = await postgres.lying_aside()
    assert letter.payload == b"the \x00 body"
    assert letter.reason.startswith("the database refuses the data: ")
    accepted = await rows(database_url, "SELECT count(*) FROM webhook_events WHERE disposition = 'accepted'")
    assert accepted == [(3,)]
    assert await rows(database_url, "SELECT count(*) FROM outbox") == [(3,)]


async def test_two_endless_ids_stay_two(postgres: Storage) -> None:
    first, second = (
        receipt(subscription_changed(), event_id=MessageId("x" * 9_000_000 + end)) for end in ("1", "2")
    )
    assert await postgres.inbox.record_many([first, second]) == {first.event_id, second.event_id}


async def test_a_body_is_kept_byte_for_byte_with_all_that_was_said_about_it(
    postgres: Storage, database_url: str
) -> None:
    event = subscription_changed()
    body = bytes(range(256)) * 100
    await postgres.inbox.record_many(
        [
            Receipt(
                source=event.source,
                event_id=event.id,
                type="customer.subscription.updated",
                body=body,
                occurred_at=event.occurred_at,
                disposition=Disposition.IGNORED,
                livemode=True,
                api_version="2026-10-28.endive",
                reason="not ours",
                buyer_email="billing@example.com",
                traceparent="00-1-2-01",
            )
        ]
    )
    told = "type, body, occurred_at, disposition, livemode, api_version, reason, buyer_email, traceparent"
    assert await rows(database_url, f"SELECT {told} FROM webhook_events") == [  # noqa: S608
        (
            "customer.subscription.updated",
            body,
            event.occurred_at,
            "ignored",
            True,
            "2026-10-28.endive",
            "not ours",
            "billing@example.com",
            "00-1-2-01",
        )
    ]


async def test_every_delivery_is_counted(postgres: Storage, database_url: str) -> None:
    once, often = receipt(subscription_changed("sub_once")), receipt(subscription_changed("sub_often"))
    await postgres.inbox.record_many([once, often, often])
    await postgres.inbox.record_many([often])
    query = "SELECT event_id, deliveries, redelivered_at IS NOT NULL FROM webhook_events ORDER BY deliveries"
    assert await rows(database_url, query) == [(once.event_id, 1, False), (often.event_id, 3, True)]


async def test_a_parked_webhook_is_counted_once_however_often_it_is_delivered(database_url: str) -> None:
    parked = receipt(
        subscription_changed("sub_parked"), event=None, disposition=Disposition.PARKED, reason="odd"
    )
    refused = receipt(subscription_changed("sub_refused"), type="invoice.\x00paid")
    ignored = receipt(subscription_changed("sub_ignored"), event=None, disposition=Disposition.IGNORED)
    counted: list[str] = []
    async with create_pool(database_url, name="test") as pool:
        inbox = PostgresInbox(pool, on_dead_letter=counted.append)
        await inbox.record_to_publish([parked, parked, ignored], lease=60)
        assert counted == ["inbox"]
        await inbox.record_many([refused, receipt(subscription_changed("sub_good"))])
        assert counted == ["inbox", "inbox"]
        for again in (parked, refused, ignored):
            await inbox.record_to_publish([again], lease=60)
        await inbox.record_many([parked, refused])
    assert counted == ["inbox", "inbox"]
    assert await rows(database_url, "SELECT count(*) FROM dead_letters") == [(2,)]


async def test_a_database_that_is_away_is_an_outage(database_url: str) -> None:
    async with create_pool("postgresql://nobody@127.0.0.1:1/nowhere", name="test") as pool:
        with pytest.raises(Outage, match="the database does not answer"):
            await PostgresInbox(pool).record_many([receipt(subscription_changed())])


async def test_a_pool_with_no_connection_left_is_an_outage(database_url: str) -> None:
    async with create_pool(database_url, name="test", size=1) as pool, pool.acquire():
        with pytest.raises(Outage, match="TimeoutError"):
            await PostgresInbox(pool).record_many([receipt(subscription_changed())])

"""A batch is on the broker's disk as a whole or not at all."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from nats.js.api import RawStreamMsg

from egpay.adapters.nats import Connection, JetStreamPublisher, connected, topology
from egpay.adapters.nats.provision import provision
from egpay.domain.errors import Defect, Outage
from egpay.domain.values import MessageId
from egpay.ports.outbox import OutboxMessage, Unpublishable

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture
async def billing(nats_url: str) -> AsyncIterator[Connection]:
    """A connection to a broker that is laid out."""
    await provision(nats_url)
    async with connected(nats_url, name="test") as connection:
        yield connection


def _events(count: int, *, subject: str = "billing.events.invoice_paid") -> list[OutboxMessage]:
    return [
        OutboxMessage(
            id=MessageId(f"evt_{number}"), subject=subject, payload=b'{"n": %d}' % number, traceparent=TRACE
        )
        for number in range(count)
    ]


def _odd(**fields: Any) -> OutboxMessage:
    sound = {"id": MessageId("odd"), "subject": "billing.events.invoice_paid", "payload": b"{}"}
    return OutboxMessage(**{**sound, **fields})


async def _stored(connection: Connection) -> int:
    return (await connection.client.jsm().stream_info(topology.STREAM)).state.messages


async def _at(connection: Connection, sequence: int) -> RawStreamMsg:
    return await connection.client.jetstream().get_msg(topology.STREAM, sequence)


@pytest.mark.parametrize("count", [1, 2, 256, 1000, 1001, 2500])
async def test_all_messages_are_stored_in_their_order(billing: Connection, count: int) -> None:
    await JetStreamPublisher(billing).publish_many(_events(count))
    assert await _stored(billing) == count
    first, last = await _at(billing, 1), await _at(billing, count)
    assert (json.loads(first.data or b"")["n"], json.loads(last.data or b"")["n"]) == (0, count - 1)


async def test_nothing_to_publish_is_no_work(billing: Connection) -> None:
    await JetStreamPublisher(billing).publish_many([])
    assert await _stored(billing) == 0


@pytest.mark.parametrize("count", [1, 2])
async def test_a_message_carries_its_id_and_its_trace(billing: Connection, count: int) -> None:
    await JetStreamPublisher(billing).publish_many(_events(count))
    headers = (await _at(billing, 1)).headers or {}
    assert headers["Egpay-Message-Id"] == "evt_0"
    assert headers["traceparent"] == TRACE


@pytest.mark.parametrize("count", [1, 3])
async def test_a_replayed_message_is_stored_again(billing: Connection, count: int) -> None:
    broker = JetStreamPublisher(billing)
    await broker.publish_many(_events(count))
    await broker.publish_many(_events(count))
    assert await _stored(billing) == 2 * count


@pytest.mark.parametrize("place", [0, 5, 10])
async def test_a_subject_that_no_stream_takes_is_named_and_the_others_are_stored(
    billing: Connection, place: int
) -> None:
    batch = _events(10)
    batch.insert(place, _odd(subject="billing.nowhere"))
    with pytest.raises(Unpublishable) as fault:
        await JetStreamPublisher(billing, timeout=1).publish_many(batch)
    assert fault.value.reasons == {"odd": "no stream takes its subject"}
    assert await _stored(billing) == 10


async def test_a_stream_with_a_smaller_limit_names_the_message_that_exceeds_it(billing: Connection) -> None:
    smaller = topology.stream(1)
    smaller.max_msg_size = 1000
    await billing.client.jsm().update_stream(smaller)
    with pytest.raises(Unpublishable) as fault:
        await JetStreamPublisher(billing).publish_many([*_events(20), _odd(payload=b"x" * 2000)])
    assert fault.value.reasons.keys() == {"odd"}
    assert await _stored(billing) == 20


@pytest.mark.parametrize("count", [0, 20])
@pytest.mark.parametrize(
    "odd",
    [
        {"payload": b"x" * 2_000_000},
        {"payload": b"x" * (1_048_576 - 10)},
        {"payload": b"x" * 1_000_000, "id": "i" * 50_000},
        *(
            {"subject": subject}
            for subject in ("", "billing events", "billing..x", "billing.events.*", "a.b\r\n")
        ),
        *({"id": name} for name in ("sub\n", " evt", "a\x00b", "\ud800")),
        {"traceparent": "00-\r\nNats-Rollup: all"},
    ],
    ids=str,
)
async def test_nothing_is_sent_beside_a_message_of_the_wrong_size_or_form(
    billing: Connection, odd: dict[str, Any], count: int
) -> None:
    before = billing.client.client_id
    with pytest.raises(Unpublishable) as fault:
        await JetStreamPublisher(billing).publish_many([*_events(count), _odd(**odd)])
    assert fault.value.reasons.keys() == {odd.get("id", "odd")}
    assert await _stored(billing) == 0
    assert billing.client.client_id == before, "the server closed the connection"


async def test_the_largest_message_that_fits_is_stored(billing: Connection) -> None:
    await JetStreamPublisher(billing).publish_many([*_events(20), _odd(payload=b"x" * (1_048_576 - 400))])
    assert await _stored(billing) == 21


async def test_a_batch_that_the_server_saw_only_in_part_stores_nothing(billing: Connection) -> None:
    holder = {"Nats-Batch-Id": "torn", "Nats-Batch-Sequence": "1"}
    await billing.client.publish("billing.events.invoice_paid", b"{}", headers=holder)
    await JetStreamPublisher(billing).publish_many(_events(2))
    assert await _stored(billing) == 2


async def test_a_message_that_is_too_large_is_our_defect(billing: Connection) -> None:
    huge = OutboxMessage(id=MessageId("evt"), subject="billing.events.invoice_paid", payload=b"x" * 2_000_000)
    with pytest.raises(Defect):
        await JetStreamPublisher(billing).publish_many([huge])


async def test_a_stream_that_takes_no_batches_gets_the_messages_one_by_one(billing: Connection) -> None:
    old = topology.stream(1)
    old.allow_atomic = False
    await billing.client.jsm().update_stream(old)
    broker = JetStreamPublisher(billing, recheck=0.2)
    await broker.publish_many(_events(300))
    await broker.publish_many(_events(300))
    assert await _stored(billing) == 600
    await billing.client.jsm().update_stream(topology.stream(1))
    await asyncio.sleep(0.2)
    await broker.publish_many(_events(20))
    assert "Nats-Batch-Id" in ((await _at(billing, 601)).headers or {})


async def test_many_batches_at_once_are_all_stored(billing: Connection) -> None:
    broker = JetStreamPublisher(billing)
    await asyncio.gather(*(broker.publish_many(_events(20)) for _ in range(40)))
    assert await _stored(billing) == 800


async def test_a_broker_without_our_stream_is_an_outage_that_says_what_to_do(billing: Connection) -> None:
    await billing.client.jsm().delete_stream(topology.STREAM)
    for count in (1, 2):
        with pytest.raises(Outage, match="egpay migrate"):
            await JetStreamPublisher(billing).publish_many(_events(count))

"""The tail of the pipeline prototype: 256 messages at most, one transaction of set-based statements, then the acks.

It writes what a purchase leads to (sale, subscription, organisation, user, payment, commands, timeline), reads nothing
first, decides nothing, and knows no order of events: what egpay's rules cost is the distance to it.
"""

import asyncio
import os
import signal
from typing import Any

import asyncpg
import msgspec
import nats
from nats.errors import TimeoutError as NothingCame

from bench.apps.prototype_wire import Message

CLAIM = "INSERT INTO processed (event_id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING RETURNING event_id"
SUBSCRIPTIONS = """
    WITH report AS (
        INSERT INTO subscription SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
        ON CONFLICT (id) DO UPDATE SET status = excluded.status, reported_at = excluded.reported_at
        WHERE subscription.reported_at < excluded.reported_at RETURNING id, sale
    ), founded AS (
        INSERT INTO organisation SELECT 'org_' || id, 'Harbour' FROM report ON CONFLICT DO NOTHING RETURNING id
    ), admin AS (
        INSERT INTO person SELECT 'usr_' || id, id, id || '@harbour.example' FROM founded ON CONFLICT DO NOTHING
    )
    INSERT INTO command (key, payload) SELECT 'introduction:' || id, convert_to(id, 'utf8') FROM founded
    ON CONFLICT DO NOTHING
"""
PAYMENTS = """
    WITH paid AS (
        INSERT INTO payment SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[]) ON CONFLICT DO NOTHING
        RETURNING sale
    )
    INSERT INTO command (key, payload) SELECT 'ship:' || sale, convert_to(sale, 'utf8') FROM paid ON CONFLICT DO NOTHING
"""
SALES = """
    INSERT INTO sale SELECT id, session, subscription, 'paid' FROM unnest($1::text[], $2::text[], $3::text[])
        AS row (id, session, subscription)
    ON CONFLICT (id) DO UPDATE SET session = excluded.session, subscription = excluded.subscription, status = 'paid'
"""
STORY = "INSERT INTO story (event_id, what) SELECT * FROM unnest($1::text[], $2::text[])"
read = msgspec.json.Decoder(Message).decode


async def main() -> None:
    """Work until SIGTERM."""
    leaving = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, leaving.set)
    connection = await asyncpg.connect(os.environ["DATABASE"])  # noqa: TID251 - a program of its own
    client = await nats.connect(os.environ["NATS"])  # noqa: TID251
    source = await client.jetstream().pull_subscribe("proto.>", durable="prototype", stream="PROTO")
    while not leaving.is_set():
        try:
            messages = await source.fetch(256, timeout=0.5)
        except (NothingCame, TimeoutError):
            continue
        async with connection.transaction():
            await work_on(connection, [read(message.data) for message in messages])
        for message in messages:
            await message.ack()
    await client.close()


async def work_on(connection: Any, messages: list[Message]) -> None:
    """Claim, then write what follows, a statement for each kind."""
    ids = [message.id for message in messages]
    fresh = {row[0] for row in await connection.fetch(CLAIM, ids)}
    new = [message for message in messages if message.id in fresh]
    kinds: dict[str, list[Message]] = {}
    for message in new:
        kinds.setdefault(message.type.partition(".")[0], []).append(message)
    if reports := kinds.get("customer"):
        newest = {m.object: (m.object, m.sale, m.status, m.created) for m in reports}.values()
        await connection.execute(SUBSCRIPTIONS, *map(list, zip(*newest, strict=True)))
    if paid := kinds.get("invoice"):
        payments = [(m.object, m.sale, m.amount) for m in paid]
        await connection.execute(PAYMENTS, *map(list, zip(*payments, strict=True)))
    if completed := kinds.get("checkout"):
        sales = [(m.sale, m.object, m.subscription) for m in completed]
        await connection.execute(SALES, *map(list, zip(*sales, strict=True)))
    if new:
        await connection.execute(STORY, [m.id for m in new], [m.type for m in new])


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=__import__("uvloop").new_event_loop) as runner:
        runner.run(main())

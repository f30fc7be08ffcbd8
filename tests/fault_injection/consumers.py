"""JetStream consumers for tests: acknowledgement timeouts, pending messages, republishing."""

import asyncio
from collections.abc import Mapping

import nats
from nats.js.api import ConsumerInfo

from egpay.adapters.nats.topology import CONSUMERS, STREAM, consumers


async def shorten(nats_url: str, waits: Mapping[str, float]) -> None:
    """Shortens the ack timeouts of consumers to so many seconds, so that no test waits for them."""
    client = await nats.connect(nats_url)
    try:
        for config in consumers():
            wait = waits.get(str(config.durable_name))
            if wait is not None:
                config.ack_wait = wait
                await client.jetstream().add_consumer(STREAM, config=config)
    finally:
        await client.close()


async def info(nats_url: str, consumer: str) -> ConsumerInfo:
    """Loads the state of a consumer."""
    client = await nats.connect(nats_url)
    try:
        found: ConsumerInfo = await client.jetstream().consumer_info(STREAM, consumer)
        return found
    finally:
        await client.close()


async def replay(nats_url: str, messages: list[tuple[str, str, bytes]]) -> None:
    """Publishes messages (subject, id, payload) again, outside the broker's window for duplicates.

    The broker takes them for new ones; only we can detect them. Returns when the worker is done with
    them.
    """
    client = await nats.connect(nats_url)
    try:
        stream = client.jetstream()
        for subject, message_id, payload in messages:
            await stream.publish(subject, payload, headers={"Egpay-Message-Id": message_id})
        async with asyncio.timeout(20):
            for spec in CONSUMERS:
                while True:
                    state = await stream.consumer_info(STREAM, spec.name)
                    if not state.num_pending and not state.num_ack_pending:
                        break
                    await asyncio.sleep(0.05)
    finally:
        await client.close()

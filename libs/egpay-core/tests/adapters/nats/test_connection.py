"""A connection to the broker ends when it is told to, whatever its client does meanwhile."""

import asyncio
from contextlib import suppress

from egpay.adapters.nats.connection import Connection


async def test_a_close_ends_also_while_the_client_swallows_a_cancellation() -> None:
    """nats-py does so while it gives up a connection: `egpay doctor` waited for ever for a broker that was away."""
    begun = asyncio.Event()

    async def stubborn() -> None:
        with suppress(asyncio.CancelledError):
            begun.set()
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    connection = Connection("nats://127.0.0.1:1", name="test")
    connection._keeper = asyncio.create_task(stubborn())
    await begun.wait()
    async with asyncio.timeout(5):
        await connection.close()
    assert connection._keeper.cancelled()

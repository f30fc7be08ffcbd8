"""JetStream source: yields messages at once, in batches as large as the backlog, and strands none."""

import asyncio
from collections.abc import Callable

from egpay.adapters.nats.connection import Connection
from egpay.adapters.nats.pull import Pull
from egpay.ports.deliveries import Batches


class JetStreamSource:
    """Port `MessageSource` over the durable pull consumers of the stream."""

    def __init__(self, connection: Connection) -> None:
        """Pull over this connection."""
        self._connection = connection
        self._stopping = False
        self._wakers: set[Callable[[], None]] = set()

    def stop(self) -> None:
        """End every `batches`."""
        self._stopping = True
        for wake in tuple(self._wakers):
            wake()

    async def batches(self, consumer: str, *, size: int = 256) -> Batches:
        """Yield the messages of a consumer, 1 to `size` at a time."""
        pull = Pull(self._connection.client, consumer, size)
        self._wakers.add(pull.wake)
        self._connection.restored.add(pull.on_reconnect)
        try:
            await pull.open()
            while not self._stopping:
                if batch := await pull.next():
                    yield batch
        finally:
            self._wakers.discard(pull.wake)
            self._connection.restored.discard(pull.on_reconnect)
            # also when cancelled, so that what arrives while we leave is redelivered to the others at once
            await asyncio.shield(pull.close())

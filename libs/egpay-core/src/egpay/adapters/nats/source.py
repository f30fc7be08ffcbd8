"""Work reaches a worker the moment it is there, in batches as large as what waits, and none of it gets stuck."""

import asyncio
from collections.abc import Callable

from egpay.adapters.nats.connection import Connection
from egpay.adapters.nats.pull import Pull
from egpay.ports.deliveries import Batches


class JetStreamSource:
    """Source over the durable pull consumers of the stream."""

    def __init__(self, connection: Connection) -> None:
        """Take messages over this connection."""
        self._connection = connection
        self._stopping = False
        self._wakers: set[Callable[[], None]] = set()

    def stop(self) -> None:
        """Let every `batches` end; see Source."""
        self._stopping = True
        for wake in tuple(self._wakers):
            wake()

    async def batches(self, consumer: str, *, size: int = 256) -> Batches:
        """Yield what waits for a consumer, 1 to `size` messages at a time; see Source."""
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
            # also when cancelled: what arrives while we leave goes back to the others at once
            await asyncio.shield(pull.close())

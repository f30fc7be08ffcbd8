"""JetStream source: yields messages at once, in batches as large as the backlog, and strands none.

A pull with `no_wait` and `expires` together waits at the server until a message comes, takes what is there
with it and reports its end (nats-server 2.2). nats-py's own `fetch` asks the same way, but drops what it has
received when it is interrupted; those messages would be redelivered only after the consumer's `ack_wait`.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error

from egpay.adapters.nats.connection import Connection
from egpay.adapters.nats.delivery import NatsDelivery
from egpay.adapters.nats.topology import STREAM
from egpay.adaptive_batching import AdaptiveLinger
from egpay.domain.errors import Outage
from egpay.ports.deliveries import Batches

_REST = 30.0
"""Seconds that a pull waits at the server before it is renewed."""
_HEARTBEAT = 2.0
"""Seconds between the server's heartbeats; after 2.5 times that without one the pull counts as lost."""
_PAUSE = 0.05
_GONE = {
    "503": "is missing (`egpay migrate` declares it) or JetStream is not ready",
    "deleted": "was deleted",
}


class Pull:
    """Prefetch buffer of one consumer: gathers what its one pull, waiting at the server, delivers."""

    def __init__(self, client: Client, consumer: str, size: int) -> None:
        """Gather 1 to `size` messages at a time."""
        self._client, self._consumer, self._size = client, consumer, size
        self._inbox = client.new_inbox()
        self._subscription: Subscription | None = None
        self._gathered: list[NatsDelivery] = []
        self._number = 0
        self._resting = False
        self._fault: str | None = None
        self._news = asyncio.Event()
        self._adaptive_linger = AdaptiveLinger(longest=0.01)
        self._taken = 0

    def wake(self) -> None:
        """Make `next` return, with an empty batch if nothing is there."""
        self._news.set()

    def on_reconnect(self) -> None:
        """Renew the pull, because the server dropped it with the connection."""
        self._resting = False
        self._news.set()

    async def open(self) -> None:
        """Subscribe to the inbox of the pulls."""
        try:
            self._subscription = await self._client.subscribe(f"{self._inbox}.*", cb=self._receive)
        except Error as error:
            raise Outage(f"the broker does not answer ({type(error).__name__})") from error

    async def next(self) -> list[NatsDelivery]:
        """The next batch, empty when it was woken; raises Outage when nothing will come any more."""
        self._news.clear()
        if not self._resting and not self._gathered:
            await self._adaptive_linger.wait(self._taken)
            await self._ask()
        if self._resting:
            await self._wait_for_news()
        if self._fault is not None:
            raise Outage(f"consumer {self._consumer} of stream {STREAM} {self._fault}")
        if self._client.is_closed:
            raise Outage("the connection to the broker is closed")
        taken = self._take(self._size)
        self._taken = 0 if len(taken) == self._size else len(taken)
        return taken

    async def close(self) -> None:
        """Unsubscribe, and nak what was prefetched and not taken, so that others get it at once.

        What the server delivers at the very moment of our leaving it may drop (seen with one message in 300
        departures under load): that one is redelivered after the consumer's `ack_wait`.
        """
        with suppress(Error, OSError, TimeoutError, Outage):
            async with asyncio.timeout(1):
                if self._subscription is not None and self._client.is_connected:
                    await self._subscription.drain()  # type: ignore[no-untyped-call]
                for delivery in self._take(len(self._gathered)):
                    await delivery.nak()

    async def _wait_for_news(self) -> None:
        try:
            async with asyncio.timeout(2.5 * _HEARTBEAT):
                await self._news.wait()
        except TimeoutError:
            self._resting = False

    async def _ask(self) -> None:
        self._number += 1
        self._resting = True
        request = {
            "batch": self._size,
            "expires": round(_REST * 1e9),
            "idle_heartbeat": round(_HEARTBEAT * 1e9),
            "no_wait": True,
        }
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{self._consumer}"
        try:
            await self._client.publish(subject, json.dumps(request).encode(), self._reply_to)
        except Error as error:
            raise Outage(f"the broker does not answer ({type(error).__name__})") from error

    @property
    def _reply_to(self) -> str:
        return f"{self._inbox}.{self._number}"

    async def _receive(self, message: Msg) -> None:
        if message.reply:
            self._gathered.append(NatsDelivery(message))
            if len(self._gathered) >= self._size:
                self._ended()
        elif message.subject == self._reply_to:
            await self._on_status(message.headers or {})

    async def _on_status(self, status: dict[str, str]) -> None:
        code, words = status.get("Status", ""), status.get("Description", "").lower()
        if code == "503" or "deleted" in words:
            self._fault = _GONE["503" if code == "503" else "deleted"]
        elif code == "409":
            await asyncio.sleep(
                _PAUSE
            )  # too many unanswered messages or pulls, a new leader: soon it may be fine
        if code == "100":
            self._news.set()
        else:
            self._ended()

    def _ended(self) -> None:
        self._resting = False
        self._news.set()

    def _take(self, most: int) -> list[NatsDelivery]:
        taken, self._gathered = self._gathered[:most], self._gathered[most:]
        return taken


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

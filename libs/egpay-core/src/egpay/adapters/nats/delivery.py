"""JetStream delivery: one message that a worker acknowledges, retries or terminates."""

from collections.abc import Mapping
from datetime import datetime

from nats.aio.msg import Msg
from nats.errors import Error

from egpay.domain.errors import Outage

_ACK, _NAK, _TERM, _PROGRESS = b"+ACK", b"-NAK", b"+TERM", b"+WPI"


class NatsDelivery:
    """Port `Delivery` over JetStream: parses its metadata only on demand.

    All of it is in the reply subject (ADR-15), so that a batch costs no parsing:
    `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<deliveries>.<stream sequence>.<consumer sequence>.<time>.
    <pending>[.<random>]`.
    """

    __slots__ = ("_message",)

    def __init__(self, message: Msg) -> None:
        """Wrap a message that nats-py received."""
        self._message = message

    @property
    def subject(self) -> str:
        """The subject it was published to."""
        return self._message.subject

    @property
    def payload(self) -> bytes:
        """Its body as published."""
        return self._message.data

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, empty when it has none."""
        return self._message.headers or {}

    @property
    def deliveries(self) -> int:
        """How often it was delivered, 1 the first time."""
        return int(self._message.metadata.num_delivered)

    @property
    def published_at(self) -> datetime:
        """When the broker stored it, UTC."""
        return self._message.metadata.timestamp

    @property
    def stream_sequence(self) -> int:
        """Its sequence number in the stream."""
        return int(self._message.metadata.sequence.stream)

    async def ack(self) -> None:
        """Acknowledge, unconfirmed by the server: if this is lost, the message is delivered once more."""
        await self._answer(_ACK)

    async def nak(self, delay: float = 0.0) -> None:
        """Have it redelivered after `delay` seconds."""
        await self._answer(b'%s {"delay": %d}' % (_NAK, round(delay * 1e9)) if delay > 0 else _NAK)

    async def term(self) -> None:
        """Terminate: it is never delivered again."""
        await self._answer(_TERM)

    async def in_progress(self) -> None:
        """Restart its `ack_wait`, because handling it takes longer."""
        await self._answer(_PROGRESS)

    async def _answer(self, word: bytes) -> None:
        try:
            await self._message._client.publish(self._message.reply, word)  # noqa: SLF001 - as nats-py
        except Error as error:
            raise Outage(f"the broker cannot be told ({type(error).__name__})") from error

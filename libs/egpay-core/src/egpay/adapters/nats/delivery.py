"""One message of the stream in a worker's hands."""

from collections.abc import Mapping
from datetime import datetime

from nats.aio.msg import Msg
from nats.errors import Error

from egpay.domain.errors import Outage

_ACK, _NAK, _TERM, _PROGRESS = b"+ACK", b"-NAK", b"+TERM", b"+WPI"


class NatsDelivery:
    """Delivery over JetStream.

    Its reply subject says it all: `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<deliveries>.<stream sequence>.
    <consumer sequence>.<time>.<pending>[.<random>]` (ADR-15): read on demand, so that a batch costs no parsing.
    """

    __slots__ = ("_message",)

    def __init__(self, message: Msg) -> None:
        """Wrap what nats-py received."""
        self._message = message

    @property
    def subject(self) -> str:
        """Where it was published."""
        return self._message.subject

    @property
    def payload(self) -> bytes:
        """What was published."""
        return self._message.data

    @property
    def headers(self) -> Mapping[str, str]:
        """What travels beside it."""
        return self._message.headers or {}

    @property
    def deliveries(self) -> int:
        """1 the first time."""
        return int(self._message.metadata.num_delivered)

    @property
    def published_at(self) -> datetime:
        """When the broker stored it, UTC."""
        return self._message.metadata.timestamp

    @property
    def stream_sequence(self) -> int:
        """Its place in the stream."""
        return int(self._message.metadata.sequence.stream)

    async def ack(self) -> None:
        """It is done. Not confirmed by the server: should this be lost, the message comes once more."""
        await self._answer(_ACK)

    async def nak(self, delay: float = 0.0) -> None:
        """Again after `delay` seconds."""
        await self._answer(b'%s {"delay": %d}' % (_NAK, round(delay * 1e9)) if delay > 0 else _NAK)

    async def term(self) -> None:
        """Never again."""
        await self._answer(_TERM)

    async def in_progress(self) -> None:
        """It takes longer."""
        await self._answer(_PROGRESS)

    async def _answer(self, word: bytes) -> None:
        try:
            await self._message._client.publish(self._message.reply, word)  # noqa: SLF001 - nats-py's own word for it
        except Error as error:
            raise Outage(f"the broker cannot be told ({type(error).__name__})") from error

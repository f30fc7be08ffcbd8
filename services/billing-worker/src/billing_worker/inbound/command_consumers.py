"""Commands reach their effects through FastStream: one durable consumer for each neighbour in the world, so that a slow
mail server keeps no parcel waiting."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub

from egpay.adapters.nats.permissions import BILLING_WORKER_LOGIN
from egpay.adapters.nats.topology import COMMAND_CONSUMERS, STREAM
from egpay.adapters.wire import COMMANDS
from egpay.domain.errors import Outage
from egpay.ports.deliveries import Delivery

Handle: TypeAlias = Callable[[Delivery], Awaitable[None]]
"""Takes one command to its end: acknowledged, put off or parked."""


def subscribe(broker: NatsBroker, handle: Handle) -> None:
    """Bind the handler to every consumer of commands; `egpay migrate` declares them, never the worker."""
    stream = JStream(STREAM, declare=False)
    for consumer in COMMAND_CONSUMERS:
        broker.subscriber(
            f"{COMMANDS}.{consumer.name}",
            durable=consumer.name,
            stream=stream,
            pull_sub=PullSub(batch_size=1),
            # without the final dot FastStream subscribes beside the prefix: it is given nothing, and no error
            inbox_prefix=BILLING_WORKER_LOGIN.inbox_prefix + b".",
            max_workers=consumer.at_once,
            ack_policy=AckPolicy.MANUAL,
            decoder=_undecoded,
            no_reply=True,  # FastStream answers to wherever a message's own header `reply_to` says
            title=consumer.title,
        )(_taking(handle))


async def _undecoded(message: NatsMessage) -> bytes:
    """Leave the body to the handler: what FastStream fails to decode it drops without a log line or an answer."""
    return message.body


def _taking(handle: Handle) -> Callable[[NatsMessage], Awaitable[None]]:
    async def take(message: NatsMessage) -> None:
        await handle(Taken(message))

    return take


@dataclass(frozen=True, slots=True)
class Taken(Delivery):
    """A FastStream message in the words of our port."""

    message: NatsMessage

    @property
    def subject(self) -> str:
        """Where it was published."""
        return self.message.raw_message.subject

    @property
    def payload(self) -> bytes:
        """What was published."""
        return self.message.body

    @property
    def headers(self) -> Mapping[str, str]:
        """What travels beside it."""
        return self.message.raw_message.headers or {}

    @property
    def deliveries(self) -> int:
        """How often it was delivered."""
        return self.message.raw_message.metadata.num_delivered or 1

    @property
    def published_at(self) -> datetime:
        """When the broker stored it, UTC."""
        return self.message.raw_message.metadata.timestamp

    @property
    def stream_sequence(self) -> int:
        """Its place in the stream."""
        return self.message.raw_message.metadata.sequence.stream

    async def ack(self) -> None:
        """Done."""
        await _answer(self.message.ack())

    async def nak(self, delay: float = 0.0) -> None:
        """Again later."""
        await _answer(self.message.nack(delay=delay))

    async def term(self) -> None:
        """Never again."""
        await _answer(self.message.reject())

    async def in_progress(self) -> None:
        """Still at it."""
        await _answer(self.message.in_progress())


async def _answer(answer: Awaitable[None]) -> None:
    try:
        await answer
    except Exception as error:
        raise Outage(f"the broker cannot be told ({type(error).__name__})") from error

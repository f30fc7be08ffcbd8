"""Commands reach their effects through FastStream: one durable consumer for each neighbour in the world, so that a slow
mail server keeps no parcel waiting."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias

from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub

from egpay.ports.deliveries import Delivery

Handle: TypeAlias = Callable[[Delivery], Awaitable[None]]
"""Takes one command to its end: acknowledged, put off or parked."""


class Consumer(NamedTuple):
    """What an operator calls it, and how many of its commands a process carries out at the same time."""

    title: str
    at_once: int


CONSUMERS = {
    # SMTP says one thing at a time: a letter that waited its turn here would outlive the lease under which it is sent.
    "effects-mail": Consumer("E-mails", 1),
    "effects-warehouse": Consumer("Orders to the warehouse", 8),
    "effects-payments": Consumer("Questions to the payment provider", 8),
}
"""Declared by `egpay migrate` (egpay.adapters.nats.provision), never from here."""


def subscribe(broker: NatsBroker, handle: Handle) -> None:
    """Bind the handler to every consumer of commands."""
    stream = JStream("BILLING", declare=False)
    for durable, consumer in CONSUMERS.items():
        broker.subscriber(
            f"billing.commands.{durable}",
            durable=durable,
            stream=stream,
            pull_sub=PullSub(batch_size=1),
            max_workers=consumer.at_once,
            ack_policy=AckPolicy.MANUAL,
            title=consumer.title,
        )(_taking(handle))


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
        await self.message.ack()

    async def nak(self, delay: float = 0.0) -> None:
        """Again later."""
        await self.message.nack(delay=delay)

    async def term(self) -> None:
        """Never again."""
        await self.message.reject()

    async def in_progress(self) -> None:
        """Still at it."""
        await self.message.in_progress()

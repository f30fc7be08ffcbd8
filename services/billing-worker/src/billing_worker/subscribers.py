"""Commands reach their effects through FastStream: one durable consumer for each neighbour in the world, so that a slow
mail server keeps no parcel waiting."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub

from billing_worker.command_handler import CommandHandler
from egpay.ports.messages import Delivery

AT_ONCE = 8
"""How many commands of one consumer a process carries out at the same time."""

CONSUMERS = {
    "effects-mail": "E-mails",
    "effects-warehouse": "Orders to the warehouse",
    "effects-payments": "Questions to the payment provider",
}
"""Declared by `egpay migrate` (egpay.adapters.nats.provision), never from here."""


def subscribe(broker: NatsBroker, handle: CommandHandler) -> None:
    """Bind the handler to every consumer of commands."""
    stream = JStream("BILLING", declare=False)
    for durable, title in CONSUMERS.items():
        broker.subscriber(
            f"billing.commands.{durable}",
            durable=durable,
            stream=stream,
            pull_sub=PullSub(batch_size=1),
            max_workers=AT_ONCE,
            ack_policy=AckPolicy.MANUAL,
            title=title,
        )(_taking(handle))


def _taking(handle: CommandHandler) -> Callable[[NatsMessage], Awaitable[None]]:
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

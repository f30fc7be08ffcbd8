"""Poison messages: publishes a batch without those that the broker will never take, and dead-letters them."""

from collections.abc import Sequence

from egpay.ports.dead_letters import DeadLetter
from egpay.ports.outbox import OutboxMessage, Publisher, Unpublishable


async def publish_healthy(publisher: Publisher, messages: Sequence[OutboxMessage]) -> list[DeadLetter]:
    """Publish what the broker takes; return a dead letter for each message that it never takes.

    One such row at the head of the outbox held up the 255 others of its batch, and all after them, for ever.
    """
    refused: list[DeadLetter] = []
    while messages:
        try:
            await publisher.publish_many(messages)
        except Unpublishable as fault:
            healthy = [message for message in messages if message.id not in fault.reasons]
            if len(healthy) == len(messages):
                raise
            refused += [
                _letter(message, why) for message in messages if (why := fault.reasons.get(message.id))
            ]
            messages = healthy
        else:
            break
    return refused


def _letter(message: OutboxMessage, why: str) -> DeadLetter:
    return DeadLetter(
        message_id=message.id,
        subject=message.subject,
        payload=message.payload,
        reason=f"cannot be published: {why}",
        failed_in="delivery",
    )

"""Retry recording: writes each failed try of a command to the retry log, and closes it when the command ends.

It is best effort: a database that is away must not keep a command from its retry.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from egpay.domain.errors import HeldByAnother, Outage
from egpay.domain.values import MessageId
from egpay.ports.clock import Clock
from egpay.ports.dead_letters import DeadLetter, DeadLetters
from egpay.ports.deliveries import Delivery
from egpay.ports.outbox import sale_id_in
from egpay.ports.retries import FailedTry, RetryLog


@dataclass(frozen=True, slots=True)
class RetryRecorder:
    """Records the failed tries of commands; without a log it records nothing."""

    log: RetryLog | None
    clock: Clock

    async def failed(self, delivery: Delivery, name: MessageId, outage: Outage, *, delay: float) -> None:
        """Record a failed try before it is handed back, so that a fast next one finds the row to close.

        What another worker holds has not failed.
        """
        if self.log is None or isinstance(outage, HeldByAnother):
            return
        now = self.clock()
        failed = FailedTry(
            message_id=name,
            command=delivery.subject.rpartition(".")[2],
            sale_id=sale_id_in(delivery.payload),
            tries=delivery.deliveries,
            reason=str(outage),
            failed_at=now,
            next_at=now + timedelta(seconds=delay),
        )
        with suppress(Outage):
            await self.log.record(failed)

    async def done(self, delivery: Delivery, name: MessageId) -> None:
        """Close a command that was carried out; the first try of one has nothing to close."""
        if self.log is not None and delivery.deliveries > 1:
            with suppress(Outage):
                await self.log.close([name])


@dataclass(frozen=True, slots=True)
class RetryClosingDeadLetters(DeadLetters):
    """Port `DeadLetters` over another: what is dead-lettered is retried no more."""

    stored: DeadLetters
    log: RetryLog

    async def add_many(self, letters: Sequence[DeadLetter]) -> None:
        """Dead-letter messages, then close their retries."""
        await self.stored.add_many(letters)
        with suppress(Outage):
            await self.log.close([letter.message_id for letter in letters])

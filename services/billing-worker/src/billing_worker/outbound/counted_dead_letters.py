"""Counted dead letters: counts each message that the queue took, by where it failed, for the alarm."""

from collections.abc import Sequence
from dataclasses import dataclass

from egpay.ports.dead_letters import DeadLetter, DeadLetters
from egpay.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class CountedDeadLetters(DeadLetters):
    """Port `DeadLetters` over another; what could not be stored is not counted, because it is retried."""

    stored: DeadLetters
    metrics: Metrics

    async def add_many(self, letters: Sequence[DeadLetter]) -> None:
        """Dead-letter messages, then count them."""
        await self.stored.add_many(letters)
        for letter in letters:
            self.metrics.count_dead_letter(letter.failed_in)

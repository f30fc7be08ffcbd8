"""Command handler: carries out one command and acknowledges, retries or dead-letters it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from billing_worker.effects import carry_out
from billing_worker.inbound.acknowledgement import (
    ForgedMessage,
    dead_letter,
    message_id,
    retry_later,
    retry_newer,
)
from billing_worker.outbound.context import EffectContext
from egpay.adapters.wire import Read, read_command
from egpay.domain.commands import Command
from egpay.domain.errors import Outage
from egpay.ports.dead_letters import DeadLetters
from egpay.ports.deliveries import Delivery, NewerMessage
from egpay.ports.published import PublishedMessages
from egpay.telemetry.metrics import Metrics
from egpay.telemetry.trace import following

STILL_ALIVE = 3.0
"""Seconds between two in-progress signals to the broker; well under the consumers' `ack_wait`."""


@dataclass(frozen=True, slots=True)
class CommandHandler:
    """Carries out one command at a time for each caller, and marks it processed.

    What the broker loses before that mark is republished.
    """

    world: EffectContext
    sent: PublishedMessages
    dead_letters: DeadLetters
    metrics: Metrics
    read: Read[Command] = read_command

    async def __call__(self, delivery: Delivery) -> None:
        """Carry out the command; end it at the broker as acknowledged, to be retried, or dead-lettered."""
        name = delivery.subject.rpartition(".")[2]
        started = time.perf_counter()
        try:
            with following(delivery.headers.get("traceparent")):
                async with _kept_alive(delivery):
                    await self._carry_out(delivery)
        except NewerMessage as newer:
            self.metrics.effects.labels(name, "newer").inc()
            self.metrics.messages_newer.labels("command").inc()
            await retry_newer(delivery, newer, self.dead_letters, self.sent, at=self.world.clock())
        except ForgedMessage as forged:
            self.metrics.effects.labels(name, "forged").inc()
            self.metrics.messages_forged.labels("command").inc()
            await dead_letter(delivery, forged, self.dead_letters, self.sent, failed_in="forged")
        except Outage as outage:
            self.metrics.effects.labels(name, "put_off").inc()
            await retry_later(delivery, outage)
        except Exception as fault:  # noqa: BLE001 - a defect, whatever its type: dead-lettered with its reason
            self.metrics.effects.labels(name, "parked").inc()
            await dead_letter(delivery, fault, self.dead_letters, self.sent)
        else:
            self.metrics.effects.labels(name, "done").inc()
            await delivery.ack()
        self.metrics.effect_seconds.labels(name).observe(time.perf_counter() - started)

    async def _carry_out(self, delivery: Delivery) -> None:
        name = message_id(delivery)
        if not await self.sent.holds(name, delivery.payload):
            raise ForgedMessage
        await carry_out(self.read(delivery.payload), self.world)
        await self.sent.mark_processed(name)


@asynccontextmanager
async def _kept_alive(delivery: Delivery) -> AsyncIterator[None]:
    """Extend `ack_wait`: a slow mail server or warehouse must not bring a redelivery meanwhile."""

    async def say_so() -> None:
        while True:
            await asyncio.sleep(STILL_ALIVE)
            await delivery.in_progress()

    signs = asyncio.create_task(say_so())
    try:
        yield
    finally:
        signs.cancel()
        await asyncio.gather(signs, return_exceptions=True)

"""Command handler: carries out one command and acknowledges, retries or dead-letters it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from billing_worker.effects import carry_out
from billing_worker.inbound.acknowledgement import (
    ForgedMessage,
    acknowledge,
    dead_letter,
    hand_back,
    message_id,
    retry_newer,
    retry_or_expire,
)
from billing_worker.inbound.backoff import as_outage, stops_work
from billing_worker.inbound.retry_recording import RetryRecorder
from billing_worker.outbound.context import EffectContext
from egpay.adapters.wire import Read, read_command
from egpay.domain.commands import Command
from egpay.domain.errors import Outage
from egpay.ports.dead_letters import DeadLetters
from egpay.ports.deliveries import Delivery, NewerMessage
from egpay.ports.published import PublishedMessages
from egpay.ports.retries import RetryLog
from egpay.telemetry.metrics import Metrics
from egpay.telemetry.trace import following

STILL_ALIVE = 3.0
"""Seconds between two in-progress signals to the broker; well under the consumers' `ack_wait`."""


@dataclass(frozen=True, slots=True)
class CommandHandler:
    """Carries out one command at a time for each caller, and marks it processed.

    What the broker loses before that mark is republished.
    """

    context: EffectContext
    published: PublishedMessages
    dead_letters: DeadLetters
    metrics: Metrics
    read: Read[Command] = read_command
    retries: RetryLog | None = None
    """Where failed tries are recorded for an operator; None records none."""

    async def __call__(self, delivery: Delivery) -> None:
        """Carry out the command; end it at the broker as acknowledged, to be retried, or dead-lettered.

        Nothing else leaves it: when this worker is stopped, the message goes back to the broker first.
        """
        name = delivery.subject.rpartition(".")[2]
        started = time.perf_counter()
        try:
            with following(delivery.headers.get("traceparent")):
                await self._handle(delivery, name)
        except BaseException as fault:  # not only Exception: a stop of the process too
            await hand_back([delivery], fault)
            if stops_work(fault):
                raise
        self.metrics.effect_seconds.labels(name).observe(time.perf_counter() - started)

    async def _handle(self, delivery: Delivery, name: str) -> None:
        try:
            async with _kept_alive(delivery):
                await self._carry_out(delivery)
        except BaseException as fault:
            if stops_work(fault):
                raise
            await self._fail(delivery, name, fault)
        else:
            self.metrics.effects.labels(name, "done").inc()
            await acknowledge([delivery])

    async def _fail(self, delivery: Delivery, name: str, fault: BaseException) -> None:
        outage, at = as_outage(fault), self.context.clock()

        async def scheduled(delay: float) -> None:
            if outage is not None:
                await self._recorder.failed(delivery, message_id(delivery), outage, delay=delay)

        if isinstance(fault, NewerMessage):
            self.metrics.effects.labels(name, "newer").inc()
            self.metrics.messages_newer.labels("command").inc()
            await retry_newer(delivery, fault, self.dead_letters, self.published, at=at, scheduled=scheduled)
        elif isinstance(fault, ForgedMessage):
            self.metrics.effects.labels(name, "forged").inc()
            self.metrics.messages_forged.labels("command").inc()
            await dead_letter(delivery, fault, self.dead_letters, self.published, failed_in="forged")
        elif outage is not None:
            self.metrics.effects.labels(name, "put_off").inc()
            await retry_or_expire(
                delivery, outage, self.dead_letters, self.published, at=at, scheduled=scheduled
            )
        else:
            self.metrics.effects.labels(name, "parked").inc()
            await dead_letter(delivery, fault, self.dead_letters, self.published)

    async def _carry_out(self, delivery: Delivery) -> None:
        name = message_id(delivery)
        if not await self.published.holds(name, delivery.payload):
            raise ForgedMessage
        await carry_out(self.read(delivery.payload), self.context)
        await self.published.mark_processed(name)
        await self._recorder.done(delivery, name)

    @property
    def _recorder(self) -> RetryRecorder:
        return RetryRecorder(self.retries, self.context.clock)


@asynccontextmanager
async def _kept_alive(delivery: Delivery) -> AsyncIterator[None]:
    """Extend `ack_wait`: a slow mail server or warehouse must not bring a redelivery meanwhile."""

    async def say_so() -> None:
        while True:
            await asyncio.sleep(STILL_ALIVE)
            with suppress(
                Outage
            ):  # the next sign may get through, and until then the broker waits `ack_wait`
                await delivery.in_progress()

    signs = asyncio.create_task(say_so())
    try:
        yield
    finally:
        signs.cancel()
        await asyncio.gather(signs, return_exceptions=True)

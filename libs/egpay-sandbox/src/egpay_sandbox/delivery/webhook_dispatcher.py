"""Webhook dispatcher: delivers at least once, concurrently, and retries with back-off for three days."""

import asyncio
import contextlib
import random
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass

import msgspec

from egpay_sandbox.clock import Clock
from egpay_sandbox.delivery.backoff import GIVE_UP_AFTER_SECONDS, backoff_delay
from egpay_sandbox.delivery.chaos import Chaos, InjectedFaults
from egpay_sandbox.delivery.delivery_log import Channel, DeliveryAttempt, DeliveryLog, WebhookDelivery
from egpay_sandbox.delivery.http_sender import HttpSender
from egpay_sandbox.delivery.outbound_requests import RequestBuilder


@dataclass(frozen=True, slots=True)
class DispatcherSettings:
    """Retry and concurrency settings: seconds, except `limit`, the number of concurrent POSTs."""

    retry_base: float
    retry_longest: float
    timeout: float
    limit: int


class WebhookDispatcher:
    """Runs deliveries; request builders write them, and chaos decides what goes wrong."""

    def __init__(
        self, delivery_log: DeliveryLog, clock: Clock, chaos: Chaos, settings: DispatcherSettings
    ) -> None:
        self.delivery_log = delivery_log
        self.request_builders: dict[Channel, RequestBuilder] = {}
        self._clock = clock
        self._chaos = chaos
        self._settings = settings
        self._slots = asyncio.Semaphore(settings.limit)
        self._sender = HttpSender(clock, settings.timeout, settings.limit)
        self._tasks: set[asyncio.Task[None]] = set()
        self._first_attempts: dict[str, asyncio.Event] = {}
        self._faults: dict[str, InjectedFaults] = {}
        self._rng = random.Random()  # noqa: S311 - jitter, no secret

    def start(self) -> None:
        """Resumes the deliveries that an earlier process left open."""
        for delivery in reversed(self.delivery_log.newest_first()):
            if delivery.state == "pending":
                self._schedule(delivery.id, wait=max(0.0, (delivery.next_at or 0.0) - self._clock.wall()))

    async def stop(self) -> None:
        """Stops and leaves every delivery in its state; closes all connections."""
        await self.cancel_all()
        await self._sender.close()

    async def cancel_all(self) -> None:
        """Cancels all deliveries without waiting for answers."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._first_attempts.clear()
        self._faults.clear()

    def enqueue(self, delivery: WebhookDelivery) -> None:
        """Enqueues a delivery after chaos has drawn its faults."""
        faults = self._chaos.draw_faults(delivery.channel, delivery.type)
        if faults.lose:
            self.delivery_log.store(msgspec.structs.replace(delivery, state="lost"))
            return
        duplicates = [
            msgspec.structs.replace(delivery, id=f"{delivery.id}_copy{n + 1}", copy=True)
            for n in range(faults.copies)
        ]
        for one in [delivery, *duplicates]:
            self._faults[one.id] = faults
            self.delivery_log.store(msgspec.structs.replace(one, state="held" if faults.hold else "pending"))
            if not faults.hold:
                self._schedule(one.id, wait=faults.wait)

    def release(self, deliveries: Iterable[WebhookDelivery], *, one_by_one: bool = False) -> None:
        """Releases held deliveries in this order, strictly so when one by one."""
        ids = []
        for delivery in deliveries:
            self.delivery_log.store(msgspec.structs.replace(delivery, state="pending"))
            ids.append(delivery.id)
        if one_by_one:
            self._spawn(self._deliver_in_sequence(ids))
            return
        for delivery_id in ids:
            self._schedule(delivery_id)

    async def wait_until_attempted(self, subject: str, within: float) -> bool:
        """Waits until every receiver answered a first attempt, at most `within` seconds."""
        waits = [
            e
            for d in self.delivery_log.for_subject(subject)
            if (e := self._first_attempts.get(d.id)) is not None
        ]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                for event in waits:
                    await event.wait()
                return True
        return False

    def _schedule(self, delivery_id: str, wait: float = 0.0) -> None:
        self._first_attempts[delivery_id] = asyncio.Event()
        self._spawn(self._deliver_with_retries(delivery_id, wait))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver_in_sequence(self, ids: list[str]) -> None:
        for delivery_id in ids:
            wait = await self._attempt(delivery_id)
            if wait is not None:
                self._schedule(delivery_id, wait=wait)

    async def _deliver_with_retries(self, delivery_id: str, wait: float | None) -> None:
        while wait is not None:
            await asyncio.sleep(wait)
            async with self._slots:
                wait = await self._attempt(delivery_id)

    async def _attempt(self, delivery_id: str) -> float | None:
        """Attempts once; returns the seconds before the next attempt, or None when the delivery is over."""
        delivery = self.delivery_log.get(delivery_id)
        if delivery is None or delivery.state != "pending":
            self._finish(delivery_id)
            return None
        faults = (
            self._faults.get(delivery_id, InjectedFaults()) if not delivery.attempts else InjectedFaults()
        )
        request = self.request_builders[delivery.channel](delivery, bad_signature=faults.bad_signature)
        if request is None:
            self.delivery_log.store(msgspec.structs.replace(delivery, state="given_up", next_at=None))
            self._finish(delivery_id)
            return None
        if faults.drop:
            attempt = DeliveryAttempt(
                at=self._clock.wall(), seconds=0.0, error="dropped on the way", chaos="drop"
            )
        else:
            attempt = await self._sender.send(
                request, chaos="bad_signature" if faults.bad_signature else None
            )
        if faults.forget and attempt.succeeded:
            attempt = msgspec.structs.replace(attempt, error="the answer got lost", chaos="forget")
        return self._record_attempt(delivery_id, attempt)

    def _record_attempt(self, delivery_id: str, attempt: DeliveryAttempt) -> float | None:
        delivery = self.delivery_log.get(delivery_id)
        if delivery is None:
            self._finish(delivery_id)
            return None
        attempts = [*delivery.attempts, attempt]
        if event := self._first_attempts.pop(delivery_id, None):
            event.set()
        if attempt.succeeded:
            state = "delivered"
        else:
            state = "given_up" if attempt.at - delivery.posted_at > GIVE_UP_AFTER_SECONDS else "pending"
        wait = self._backoff_delay(len(attempts)) if state == "pending" else None
        next_at = None if wait is None else self._clock.wall() + wait
        self.delivery_log.store(
            msgspec.structs.replace(delivery, attempts=attempts, state=state, next_at=next_at)
        )
        if wait is None:
            self._finish(delivery_id)
        return wait

    def _backoff_delay(self, retry: int) -> float:
        return backoff_delay(retry, self._settings.retry_base, self._settings.retry_longest, self._rng)

    def _finish(self, delivery_id: str) -> None:
        self._faults.pop(delivery_id, None)
        if event := self._first_attempts.pop(delivery_id, None):
            event.set()

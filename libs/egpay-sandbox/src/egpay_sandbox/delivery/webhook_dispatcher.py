"""Everything that is told is told until it is heard: concurrently, with back-off, for three days."""

import asyncio
import contextlib
import random
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass

import msgspec

from egpay_sandbox.clock import Clock
from egpay_sandbox.delivery.backoff import GIVE_UP_AFTER, wait_before
from egpay_sandbox.delivery.chaos import Chaos, InjectedFaults
from egpay_sandbox.delivery.delivery_log import Channel, DeliveryAttempt, DeliveryLog, WebhookDelivery
from egpay_sandbox.delivery.http_sender import HttpSender
from egpay_sandbox.delivery.outbound_requests import RequestBuilder


@dataclass(frozen=True, slots=True)
class DispatcherSettings:
    """How fast and how often; all seconds but `limit`, the number of posts under way at once."""

    retry_base: float
    retry_longest: float
    timeout: float
    limit: int


class WebhookDispatcher:
    """Carries deliveries. What to write is the writers' affair, what goes wrong is chaos's."""

    def __init__(self, ledger: DeliveryLog, clock: Clock, chaos: Chaos, pace: DispatcherSettings) -> None:
        self.ledger = ledger
        self.writers: dict[Channel, RequestBuilder] = {}
        self._clock = clock
        self._chaos = chaos
        self._pace = pace
        self._slots = asyncio.Semaphore(pace.limit)
        self._road = HttpSender(clock, pace.timeout, pace.limit)
        self._tasks: set[asyncio.Task[None]] = set()
        self._unheard: dict[str, asyncio.Event] = {}
        self._fates: dict[str, InjectedFaults] = {}
        self._dice = random.Random()  # noqa: S311 - jitter, no secret

    def start(self) -> None:
        """Carry on with what an earlier process left."""
        for delivery in reversed(self.ledger.newest_first()):
            if delivery.state == "pending":
                self._go(delivery.id, wait=max(0.0, (delivery.next_at or 0.0) - self._clock.wall()))

    async def stop(self) -> None:
        """Leave everything where it is, and hang up."""
        await self.drop_all()
        await self._road.close()

    async def drop_all(self) -> None:
        """Stop carrying, without waiting for answers."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._unheard.clear()
        self._fates.clear()

    def post(self, delivery: WebhookDelivery) -> None:
        """Take a delivery and let chaos have its say."""
        fate = self._chaos.fate(delivery.channel, delivery.type)
        if fate.lose:
            self.ledger.put(msgspec.structs.replace(delivery, state="lost"))
            return
        twins = [
            msgspec.structs.replace(delivery, id=f"{delivery.id}_copy{n + 1}", copy=True)
            for n in range(fate.copies)
        ]
        for one in [delivery, *twins]:
            self._fates[one.id] = fate
            self.ledger.put(msgspec.structs.replace(one, state="held" if fate.hold else "pending"))
            if not fate.hold:
                self._go(one.id, wait=fate.wait)

    def release(self, deliveries: Iterable[WebhookDelivery], *, one_by_one: bool = False) -> None:
        """Let held deliveries go in this order; strictly so when one by one."""
        ids = []
        for delivery in deliveries:
            self.ledger.put(msgspec.structs.replace(delivery, state="pending"))
            ids.append(delivery.id)
        if one_by_one:
            self._spawn(self._carry_in_turn(ids))
            return
        for delivery_id in ids:
            self._go(delivery_id)

    async def heard(self, subject: str, within: float) -> bool:
        """Wait until every receiver answered a first attempt, at most `within` seconds."""
        waits = [e for d in self.ledger.of(subject) if (e := self._unheard.get(d.id)) is not None]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                for event in waits:
                    await event.wait()
                return True
        return False

    def _go(self, delivery_id: str, wait: float = 0.0) -> None:
        self._unheard[delivery_id] = asyncio.Event()
        self._spawn(self._carry(delivery_id, wait))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry_in_turn(self, ids: list[str]) -> None:
        for delivery_id in ids:
            wait = await self._attempt(delivery_id)
            if wait is not None:
                self._go(delivery_id, wait=wait)

    async def _carry(self, delivery_id: str, wait: float | None) -> None:
        while wait is not None:
            await asyncio.sleep(wait)
            async with self._slots:
                wait = await self._attempt(delivery_id)

    async def _attempt(self, delivery_id: str) -> float | None:
        """Try once; the answer is how many seconds to wait before the next try, or None when it is over."""
        delivery = self.ledger.get(delivery_id)
        if delivery is None or delivery.state != "pending":
            self._over(delivery_id)
            return None
        fate = self._fates.get(delivery_id, InjectedFaults()) if not delivery.attempts else InjectedFaults()
        letter = self.writers[delivery.channel](delivery, forge=fate.forge)
        if letter is None:
            self.ledger.put(msgspec.structs.replace(delivery, state="given_up", next_at=None))
            self._over(delivery_id)
            return None
        if fate.drop:
            tried = DeliveryAttempt(
                at=self._clock.wall(), seconds=0.0, error="dropped on the way", chaos="drop"
            )
        else:
            tried = await self._road.send(letter, chaos="bad_signature" if fate.forge else None)
        if fate.forget and tried.succeeded:
            tried = msgspec.structs.replace(tried, error="the answer got lost", chaos="forget")
        return self._record(delivery_id, tried)

    def _record(self, delivery_id: str, tried: DeliveryAttempt) -> float | None:
        delivery = self.ledger.get(delivery_id)
        if delivery is None:
            self._over(delivery_id)
            return None
        attempts = [*delivery.attempts, tried]
        if event := self._unheard.pop(delivery_id, None):
            event.set()
        if tried.succeeded:
            state = "delivered"
        else:
            state = "given_up" if tried.at - delivery.posted_at > GIVE_UP_AFTER else "pending"
        wait = self._wait_before(len(attempts)) if state == "pending" else None
        next_at = None if wait is None else self._clock.wall() + wait
        self.ledger.put(msgspec.structs.replace(delivery, attempts=attempts, state=state, next_at=next_at))
        if wait is None:
            self._over(delivery_id)
        return wait

    def _wait_before(self, retry: int) -> float:
        return wait_before(retry, self._pace.retry_base, self._pace.retry_longest, self._dice)

    def _over(self, delivery_id: str) -> None:
        self._fates.pop(delivery_id, None)
        if event := self._unheard.pop(delivery_id, None):
            event.set()

"""In-memory system: real group commit, relay, reactions and effects, whose process may die.

What dies is started again, and its work is delivered again: the webhook by its sender, the message by the
broker, the outbox by the next drain. Slower than rules_only_worker, and with nothing of the worker left out.
"""

import asyncio
import contextlib
import itertools
import random
from collections.abc import Callable, Coroutine, Hashable, Sequence
from contextlib import aclosing
from copy import copy
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from crash_injection import CrashingPort, CrashPoint, SimulatedCrash, crashing_begin
from doubles import FakePayments, FakeWarehouse, UnlimitedLookups
from final_state import ExternalState, FinalState, lasting
from interleaving import Interleaving
from scenario import INSTALLATION, Scenario, Told, store_declaration
from shop import START

from billing_worker.inbound.command_handler import CommandHandler
from billing_worker.inbound.event_consumer import CONSUMER, EventConsumer
from billing_worker.outbound.context import EffectContext
from checkout_api.group_commit import GroupCommitWriter
from egpay.adapters.wire import PUBLIC
from egpay.domain.books import Records
from egpay.domain.errors import Outage
from egpay.outbox.direct_publisher import DirectPublisher, PublishMarker
from egpay.outbox.relay import Relay
from egpay.ports.deliveries import Delivery
from egpay.ports.outbox import OutboxMessage
from egpay.telemetry.metrics import Metrics
from egpay.testing.broker import MemoryBroker
from egpay.testing.builders import moment
from egpay.testing.memory import (
    MemoryBooks,
    MemoryDeadLetters,
    MemoryInbox,
    MemoryOutbox,
    MemoryPublishedMessages,
    MemoryStore,
    Tables,
)
from egpay.testing.memory import memory_unit_of_work as unit_of_work
from egpay.testing.world import PlainLetters, RecordingMail

EFFECTS = "effects"
_METRICS = Metrics()
_ROWS = tuple(
    table.name
    for table in fields(Tables)
    if table.name not in ("published", "leases", "timeline", "questions")
)
"""Tables whose rows decide what follows; of the others it is the keys, or nothing."""


@dataclass(slots=True)
class MemorySystem:
    """Runs one interleaving of one scenario."""

    scenario: Scenario
    crash_point: CrashPoint = field(default_factory=CrashPoint)
    store: MemoryStore = field(default_factory=MemoryStore)
    mail: RecordingMail = field(default_factory=RecordingMail)
    parcels: FakeWarehouse = field(default_factory=FakeWarehouse)
    asking: UnlimitedLookups = field(default_factory=UnlimitedLookups)
    broker: MemoryBroker = field(
        default_factory=lambda: MemoryBroker(
            {CONSUMER: ["billing.events.*"], EFFECTS: ["billing.commands.*"]}
        )
    )
    dice: random.Random | None = None
    told: int = 0

    async def tell(
        self, interleaving: Interleaving, *, at_each: Callable[["MemorySystem"], None] = lambda _: None
    ) -> FinalState:
        """Delivers what was sold and came before, then all of the disorder, until nothing is pending.

        It passes itself to `at_each` before each part; a copy of that moment tells the rest to the same end.
        """
        if self.dice is None:
            self._sell()
            self.dice = random.Random(interleaving.seed)  # noqa: S311 - repeatable dice, no secret
        parts = self._parts(interleaving, self.dice)
        while self.told < len(parts):
            at_each(self)
            await parts[self.told]()
            self.told += 1
        await self._settle(at_each)
        return self.ending()

    def situation(self) -> tuple[Hashable, object]:
        """Everything that decides what follows, the first part to look the second up by: equal ones have one end.

        Times at which a message was published, and how often one that is done with was delivered, decide nothing.
        """
        tables, dice = self.store.tables, self.dice
        key = (
            self.told,
            sum(self.broker.delays),
            tuple(key for key in tables.outbox if key not in tables.published),
            tuple(tuple(self.broker.backlog(name)) for name in (CONSUMER, EFFECTS)),
            frozenset(tables.leases),
            frozenset(letter.message_id for letter in self.mail.letters),
            dice and dice.getstate(),
        )
        return key, ([getattr(tables, name).copy() for name in _ROWS], self.parcels.copy())

    def copy(self, crash_point: CrashPoint) -> "MemorySystem":
        """Copies the state between two parts, for a process that dies at another step."""
        return MemorySystem(
            self.scenario,
            crash_point,
            MemoryStore(self.store.tables.copy()),
            RecordingMail(list(self.mail.letters)),
            self.parcels.copy(),
            UnlimitedLookups(list(self.asking.asked)),
            self.broker.copy(),
            copy(self.dice),
            self.told,
        )

    def _sell(self) -> None:
        tables = self.store.tables
        for sale, order in self.scenario.sold:
            tables.sales[sale.id] = sale
            tables.orders[sale.id] = order
        tables.known_prices.update({price.id: price for price in self.scenario.catalogue})
        tables.installations[INSTALLATION.id] = INSTALLATION
        tables.acts.update(self.scenario.acts)

    def _parts(
        self, interleaving: Interleaving, dice: random.Random
    ) -> list[Callable[[], Coroutine[None, None, None]]]:
        parts: list[Callable[[], Coroutine[None, None, None]]] = []
        for told in self.scenario.before:
            parts += [partial(self._deliver, told), self._settle]
        for batch in interleaving.batches:
            parts += [partial(self._deliver, told) for told in batch]
            parts.append(partial(self._react, len(batch), interleaving.promptness, dice))
        return parts

    async def _react(self, size: int, promptness: float, dice: random.Random) -> None:
        await self._work(CONSUMER, size=size)
        if dice.random() < promptness:
            await self._work(EFFECTS, size=dice.randint(1, 3))

    def ending(self) -> FinalState:
        """Returns the ending."""
        tables = self.store.tables
        pages = Records(
            sales=tables.sales,
            subscriptions=tables.subscriptions,
            accounts=tables.accounts,
            payments=tables.payments,
            shipments=tables.shipments,
            owners=tables.owners,
            foreign=tables.foreign,
            accesses=tables.accesses,
        )
        sent = {key: one.kind for key, one in tables.emails.items() if one.sent_at}
        assert tables.published.keys() == tables.outbox.keys()
        ours = {key for key, one in tables.outbox.items() if not one.subject.startswith(PUBLIC)}
        assert not ours - tables.processed_messages.keys() - tables.dead_letters.keys()
        left = {letter.message_id for letter in self.mail.letters}
        # a letter may leave before a death, and be true no more when it is tried again: then it stays unmarked
        assert {one.message_id for one in tables.emails.values() if one.sent_at} <= left
        assert left <= {f"{key.replace(':', '.')}@eg.example" for key in tables.emails}
        letters = [f"{one.message_id}: {one.reason}" for one in tables.dead_letters.values()]
        at = moment(START + self.scenario.at - moment().timestamp())
        return FinalState(
            pages, ExternalState(lasting(sent), self.parcels.by_sale), tables.cases.values(), letters, at
        )

    async def _deliver(self, told: Told) -> None:
        """Delivers a webhook, and retries as its sender does until it gets a 2xx."""
        if told.declared:
            await self._declare(told)
            return
        for _ in range(3):
            handed: list[OutboxMessage] = []
            inbox = CrashingPort(MemoryInbox(self.store), "inbox", self.crash_point)
            group_commit = GroupCommitWriter(inbox, submit=handed.extend, lease=-1.0)
            writing = asyncio.create_task(group_commit.run())
            try:
                await group_commit.store(told.receipt)
                self.crash_point.step("before the answer to a webhook")
            except (Outage, SimulatedCrash):
                continue
            finally:
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)
            await self._express(handed)
            return
        raise AssertionError("a webhook was never accepted")

    async def _declare(self, told: Told) -> None:
        """Stores a declaration with its event, and retries as a buyer does who gets no answer."""
        begin = crashing_begin(unit_of_work(self.store), self.crash_point)
        for _ in range(3):
            with contextlib.suppress(SimulatedCrash):
                async with begin() as uow:
                    await store_declaration(uow, told)
                return
        raise AssertionError("a declaration was never accepted")

    async def _express(self, messages: Sequence[OutboxMessage]) -> None:
        """Publishes from memory; the relay publishes what a death leaves behind."""
        outbox: Any = CrashingPort(MemoryOutbox(self.store), "outbox", self.crash_point)
        broker: Any = CrashingPort(self.broker, "broker", self.crash_point)
        marks = PublishMarker(outbox, flush_interval=0)
        express = DirectPublisher(broker, marks.add)
        express.submit(messages)
        running = [asyncio.create_task(work()) for work in (express.run, marks.run)]
        for _ in range(10):
            await asyncio.sleep(0)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _settle(self, at_each: Callable[["MemorySystem"], None] = lambda _: None) -> None:
        """Runs everything until nothing is pending."""
        for _ in itertools.repeat(None, 200):
            at_each(self)
            await self._relay()
            waiting = [name for name in (CONSUMER, EFFECTS) if self.broker.unanswered(name)]
            if not waiting and not await self._relay():
                return
            for name in waiting:
                await self._work(name, size=256)
        raise AssertionError("it never comes to rest")

    async def _relay(self) -> int:
        broker: Any = CrashingPort(self.broker, "broker", self.crash_point)
        try:
            return await Relay(MemoryOutbox(self.store), broker).drain()
        except SimulatedCrash:
            return 1

    async def _work(self, consumer: str, *, size: int) -> None:
        """Handles one batch, or with effects as many messages one by one."""
        await self._relay()
        if not size or not self.broker.unanswered(consumer):
            return
        async with aclosing(self.broker.batches(consumer, size=size)) as batches:
            batch: list[Any] = [
                CrashingPort(each, "delivery", self.crash_point) for each in await anext(batches)
            ]
        try:
            if consumer == CONSUMER:
                await self._event_loop().work_on(batch)
            else:
                await self._carry_out(batch)
        except SimulatedCrash:
            self.broker.lose_worker(consumer)

    async def _carry_out(self, batch: list[Delivery]) -> None:
        handle = CommandHandler(
            context=self._world(),
            published=self._published(),
            dead_letters=self._dead_letters(),
            metrics=_METRICS,
        )
        for delivery in batch:
            await handle(delivery)

    def _event_loop(self) -> EventConsumer:
        books: Any = CrashingPort(MemoryBooks(self.store), "books", self.crash_point)
        return EventConsumer(
            source=self.broker,
            books=books,
            dead_letters=self._dead_letters(),
            published=self._published(),
            wake_relay=lambda: None,
            metrics=_METRICS,
            clock=self._now,
        )

    def _published(self) -> Any:
        return CrashingPort(MemoryPublishedMessages(self.store), "sent", self.crash_point)

    def _dead_letters(self) -> Any:
        return CrashingPort(MemoryDeadLetters(self.store), "dead_letters", self.crash_point)

    def _world(self) -> EffectContext:
        crashing: dict[str, Any] = {
            name: CrashingPort(port, name, self.crash_point)
            for name, port in (
                ("mail", self.mail),
                ("warehouse", self.parcels),
                ("payments", FakePayments(self.scenario.truth)),
                ("single_flight", self.asking),
                ("inbox", MemoryInbox(self.store)),
            )
        }
        return EffectContext(
            **crashing,
            begin=crashing_begin(unit_of_work(self.store), self.crash_point),
            letters=PlainLetters(),
            clock=self._now,
            invitation_token=lambda command, user: f"token of {command} for {user.email}",
            portal_token=lambda command, key: f"token of {command} for {key}",
            mail_domain="eg.example",
        )

    def _now(self) -> datetime:
        """Moves time only while a message waits for its retry."""
        return moment() + timedelta(seconds=sum(self.broker.delays))

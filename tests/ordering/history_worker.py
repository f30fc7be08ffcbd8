"""Worker of a random history: the rules and effects over memory, told everything shuffled, doubled and late.

Rules and effects are passed in, so that faulty ones can be. Nothing in it waits, so that it needs no event loop.
"""

import random
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from doubles import UnlimitedLookups
from history_letters import LetterWitness
from history_provider import HistoryProvider
from history_warehouse import HistoryWarehouse
from history_world import ProviderWorld
from msgspec.structs import replace
from scenario import INSTALLATION, Told, twin

from billing_worker.outbound.context import EffectContext
from egpay.adapters import wire
from egpay.domain.commands import Command
from egpay.domain.errors import Outage
from egpay.domain.foreign import PartRefund
from egpay.domain.outcome import Fold
from egpay.domain.values import MessageId
from egpay.ports.outbox import OutboxMessage
from egpay.testing.builders import moment
from egpay.testing.memory import MemoryBooks, MemoryInbox, MemoryStore, memory_unit_of_work
from egpay.testing.world import RecordingMail

CarryOut = Callable[[Command, Any], Awaitable[None]]
T = TypeVar("T")
_QUESTIONS = ("trace_payment", "refresh_dispute", "refresh_subscription")


@dataclass(frozen=True, slots=True)
class WorkerCode:
    """The code under test: how events are folded, and how commands are carried out."""

    fold: Fold
    carry_out: CarryOut


@dataclass(slots=True)
class HistoryWorker:
    """Runs one history to its end; `findings` are what was seen to go wrong on the way."""

    world: ProviderWorld
    code: WorkerCode
    store: MemoryStore = field(default_factory=MemoryStore)
    findings: list[str] = field(default_factory=list)
    heard: set[str] = field(default_factory=set)
    untold: list[Told] = field(default_factory=list)
    events: list[OutboxMessage] = field(default_factory=list)
    commands: list[OutboxMessage] = field(default_factory=list)
    taken: int = 0
    dice: random.Random = field(init=False)
    warehouse: HistoryWarehouse = field(init=False)
    witness: LetterWitness = field(init=False)
    context: EffectContext = field(init=False)

    def __post_init__(self) -> None:
        tables = self.store.tables
        sale, order = self.world.sold
        tables.sales[sale.id], tables.orders[sale.id] = sale, order
        part = PartRefund.SHIP if self.world.history.ships_part else PartRefund.HOLD
        tables.installations[INSTALLATION.id] = replace(INSTALLATION, part_refund=part)
        self.dice = random.Random(self.world.history.seed)  # noqa: S311 - repeatable dice, no secret
        self.warehouse = HistoryWarehouse(self.world)
        self.witness = LetterWitness(self.world, self.heard, self.findings)
        self.context = EffectContext(
            begin=memory_unit_of_work(self.store),
            mail=RecordingMail(),
            letters=self.witness,
            warehouse=self.warehouse.orders,
            payments=HistoryProvider(self.world),
            single_flight=UnlimitedLookups(),
            inbox=MemoryInbox(self.store),
            clock=moment,
            invitation_token=lambda command, user: f"token of {command} for {user.email}",
            portal_token=lambda command, key: f"token of {command} for {key}",
            mail_domain="eg.example",
        )

    def run(self) -> None:
        """Tells everything in disorder, and then works until nothing is left to do."""
        self.untold = self._disordered()
        promptness = self.dice.choice((0.1, 0.4, 0.9))
        while self.untold:
            self._hear(
                [self.untold.pop(0) for _ in range(min(len(self.untold), self.dice.choice((1, 1, 2, 5))))]
            )
            self._fold()
            if self.dice.random() < promptness:
                self._carry_out_some()
            if self.dice.random() < promptness:
                self._deliver()
        self._settle()
        self.findings += self.warehouse.leaving_in_doubt()
        while self._deliver():
            self._hear(self.untold)
            self.untold.clear()
            self._settle()

    def _disordered(self) -> list[Told]:
        """Everything, some of it twice or as another event of the same fact: nearly in order, or in none."""
        told = list(self.world.told)
        told += [twin(each) for each in self.world.told if self.dice.random() < 0.1]
        told += [each for each in self.world.told if self.dice.random() < 0.2]
        far = self.dice.choice((0, 3, len(told), len(told)))
        late = {id(each): place + self.dice.random() * far for place, each in enumerate(told)}
        return sorted(told, key=lambda each: late[id(each)])

    def _hear(self, told: list[Told]) -> None:
        run_now(MemoryInbox(self.store).record_many([each.receipt for each in told]))
        self.heard.update(each.event_id.removesuffix("_twin") for each in told)

    def _take_messages(self) -> None:
        messages = list(self.store.tables.outbox.values())[self.taken :]
        self.taken += len(messages)
        for message in messages:
            if message.subject.startswith(f"{wire.EVENTS}."):
                self.events.append(message)
            elif message.subject.startswith(f"{wire.COMMANDS}."):
                self.commands.append(message)

    def _fold(self) -> None:
        self._take_messages()
        while self.events:
            size = self.dice.choice((1, 2, 8))
            batch, self.events = self.events[:size], self.events[size:]
            events = [wire.read_event(one.payload) for one in batch]
            run_now(MemoryBooks(self.store).apply(events, self.code.fold, payloads=None))
            self._take_messages()

    def _carry_out_some(self) -> bool:
        """Carries out waiting commands in any order; whether one of them could be."""
        waiting, self.commands = self.commands, []
        self.dice.shuffle(waiting)
        done = 0
        while waiting:
            message = waiting.pop()
            asked = any(one.subject.endswith(_QUESTIONS) for one in (message, *waiting, *self.commands))
            self.witness.asks = asked or len(self.store.tables.outbox) > self.taken
            try:
                run_now(self.code.carry_out(wire.read_command(message.payload), self.context))
                done += 1
            except Outage:
                self.commands.append(message)
        self._fold()
        return done > 0

    def _deliver(self) -> bool:
        """Lets the warehouse do its next step; whether there was one."""
        reported = self.warehouse.step()
        for told in reported:
            self.untold.insert(self.dice.randint(0, len(self.untold)), told)
        return bool(reported)

    def _settle(self) -> None:
        self._fold()
        while self.commands and self._carry_out_some():
            pass
        names = sorted(MessageId(one.id) for one in self.commands)
        self.findings += [f"a command waits for ever: {name}" for name in names]
        self.commands.clear()


def run_now(work: Awaitable[T]) -> T:
    """Runs what never waits, over memory."""
    assert isinstance(work, Coroutine)
    try:
        work.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    raise AssertionError("something waited, over memory")

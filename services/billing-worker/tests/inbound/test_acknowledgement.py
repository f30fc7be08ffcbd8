"""Whatever goes wrong with a message, it ends acknowledged, to be retried or dead-lettered, with one line in the log."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from billing_worker.inbound.acknowledgement import LAST_TRY, acknowledge, retry_or_expire
from billing_worker.inbound.backoff import LONGEST_ASKED, backoff_delay
from billing_worker.inbound.command_handler import CommandHandler
from billing_worker.inbound.event_consumer import CONSUMER, EventConsumer
from billing_worker.inbound.retry_recording import RetryClosingDeadLetters
from billing_worker.outbound.context import EffectContext
from egpay.adapters import wire
from egpay.domain.commands import Command, ShipDevices
from egpay.domain.errors import Defect, HeldByAnother, Outage, Refusal
from egpay.domain.events import BillingEvent, CheckoutExpired, Source
from egpay.domain.outcome import Fold
from egpay.domain.shipment import Shipment
from egpay.domain.values import MessageId, SaleId, SessionId
from egpay.ports.books import BatchResult
from egpay.ports.dead_letters import DeadLetter
from egpay.ports.deliveries import Delivery
from egpay.ports.outbox import OutboxMessage
from egpay.ports.retries import FailedTry
from egpay.telemetry.metrics import Metrics
from egpay.testing.broker import MemoryBroker, MemoryDelivery
from egpay.testing.builders import moment, order, sale
from egpay.testing.memory import (
    MemoryBooks,
    MemoryDeadLetters,
    MemoryInbox,
    MemoryPublishedMessages,
    MemorySingleFlight,
    MemoryStore,
    memory_unit_of_work,
)
from egpay.testing.world import PlainLetters, RecordingMail, RecordingWarehouse, ScriptedPayments

SALE = sale(order(), id=SaleId("sale_1"))
SHIP = ShipDevices(
    id=MessageId("ship:sale_1"), occurred_at=moment(), source=Source.STRIPE, sale_id=SALE.id, revision=1
)
RETRIED: list[BaseException] = [
    Outage("away"),
    TimeoutError(),
    ConnectionResetError("ada"),
    MemoryError(),
    asyncio.CancelledError(),
    BaseExceptionGroup("several", [asyncio.CancelledError(), TimeoutError()]),
]
DEAD: list[BaseException] = [
    Defect("wrong"),
    Refusal("no"),
    RecursionError(),
    UnicodeEncodeError("ascii", "ada", 0, 1, "no"),
    KeyError("ada"),
    AssertionError(),
    BaseExceptionGroup("several", [asyncio.CancelledError(), KeyError("ada")]),
    ExceptionGroup("several", [ValueError("ada")]),
]


class FailingWarehouse(RecordingWarehouse):
    """A warehouse that raises anything, also what is no Exception."""

    trouble: BaseException

    def _hear(self, *_: object) -> None:
        raise self.trouble


@dataclass(frozen=True)
class FailingBooks(MemoryBooks):
    """Books that raise anything."""

    trouble: BaseException = field(default_factory=Exception)

    async def apply(
        self,
        events: Sequence[BillingEvent],  # noqa: ARG002
        fold: Fold,  # noqa: ARG002
        *,
        payloads: Sequence[bytes] | None,  # noqa: ARG002
    ) -> BatchResult:
        raise self.trouble


@dataclass
class MemoryRetryLog:
    """The retry log in memory; it counts what is asked of it, and may be away."""

    failing: dict[MessageId, FailedTry] = field(default_factory=dict)
    asked: int = 0
    away: bool = False

    async def record(self, failed: FailedTry) -> None:
        self._ask()
        self.failing[failed.message_id] = failed

    async def close(self, ids: Sequence[MessageId]) -> None:
        self._ask()
        for name in ids:
            self.failing.pop(name, None)

    def _ask(self) -> None:
        self.asked += 1
        if self.away:
            raise Outage("the database does not answer")


@dataclass
class Worker:
    """A worker over memory, and what its broker is left with."""

    store: MemoryStore = field(default_factory=MemoryStore)
    broker: MemoryBroker = field(
        default_factory=lambda: MemoryBroker(
            {CONSUMER: ["billing.events.*"], "effects": ["billing.commands.*"]}, clock=moment
        )
    )
    now: datetime = field(default_factory=moment)
    warehouse: RecordingWarehouse = field(default_factory=RecordingWarehouse)

    def __post_init__(self) -> None:
        self.store.tables.sales[SALE.id] = SALE
        self.store.tables.orders[SALE.id] = order()
        self.store.tables.shipments[SALE.id] = Shipment(sale_id=SALE.id, asked=True, revision=1)

    def handler(self, read: wire.Read[Command] = wire.read_command) -> CommandHandler:
        world = EffectContext(
            begin=memory_unit_of_work(self.store),
            mail=RecordingMail(),
            letters=PlainLetters(),
            warehouse=self.warehouse,
            payments=ScriptedPayments(),
            single_flight=MemorySingleFlight(self.store),
            inbox=MemoryInbox(self.store),
            clock=lambda: self.now,
            invitation_token=lambda _command, _user: "",
            portal_token=lambda command, key: f"token of {command} for {key}",
            mail_domain="eg.example",
        )
        return CommandHandler(
            world, MemoryPublishedMessages(self.store), MemoryDeadLetters(self.store), Metrics(), read=read
        )

    def consumer(self, books: MemoryBooks | None = None) -> EventConsumer:
        return EventConsumer(
            source=self.broker,
            books=books or MemoryBooks(self.store),
            dead_letters=MemoryDeadLetters(self.store),
            published=MemoryPublishedMessages(self.store),
            wake_relay=lambda: None,
            metrics=Metrics(),
            clock=lambda: self.now,
        )

    async def publish(self, *messages: OutboxMessage) -> None:
        self.store.tables.put(*messages)
        await self.broker.publish_many(messages)

    async def command(self) -> Delivery:
        await self.publish(wire.command_message(SHIP))
        return (await anext(self.broker.batches("effects")))[0]

    async def events(self, count: int) -> Sequence[Delivery]:
        await self.publish(*(wire.event_message(expired(number)) for number in range(count)))
        return await anext(self.broker.batches(CONSUMER))

    @property
    def dead(self) -> list[DeadLetter]:
        return list(self.store.tables.dead_letters.values())


def expired(number: int) -> CheckoutExpired:
    return CheckoutExpired(
        id=MessageId(f"evt_{number}"),
        occurred_at=moment(),
        source=Source.STRIPE,
        sale_id=SALE.id,
        session_id=SessionId("cs_1"),
    )


@pytest.fixture
def worker() -> Worker:
    return Worker()


def raising(trouble: BaseException) -> Callable[[bytes], Command]:
    def read(_: bytes) -> Command:
        raise trouble

    return read


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("trouble", RETRIED, ids=repr)
async def test_trouble_of_the_moment_is_retried_and_logged_once(
    worker: Worker, trouble: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    worker.warehouse = FailingWarehouse()
    worker.warehouse.trouble = trouble
    await worker.handler()(await worker.command())
    assert (worker.broker.unanswered("effects"), len(worker.broker.delays), worker.dead) == (1, 1, [])
    assert lines(caplog) == ["retry scheduled"]


async def test_what_another_worker_holds_comes_again_when_its_lease_is_over_however_often_it_came(
    worker: Worker,
) -> None:
    """Workers that were killed with it counted it up to a delay of a minute and more."""
    worker.warehouse = FailingWarehouse()
    worker.warehouse.trouble = HeldByAnother("this e-mail is being sent by another worker", retry_after=8.0)
    delivery = await worker.command()
    assert isinstance(delivery, MemoryDelivery)
    delivery.deliveries = 9
    await worker.handler()(delivery)
    [delay] = worker.broker.delays
    assert 8.0 <= delay <= 10.0


@pytest.mark.parametrize("trouble", DEAD, ids=repr)
async def test_any_other_error_of_an_effect_is_dead_lettered_and_its_text_stays_out_of_the_log(
    worker: Worker, trouble: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    worker.warehouse = FailingWarehouse()
    worker.warehouse.trouble = trouble
    await worker.handler()(await worker.command())
    assert (worker.broker.unanswered("effects"), len(worker.dead)) == (0, 1)
    assert lines(caplog) == ["dead-lettered"]
    assert "ada" not in str([record.__dict__ for record in caplog.records])


@pytest.mark.parametrize("trouble", [*RETRIED[1:4], *DEAD], ids=repr)
async def test_an_error_of_decoding_ends_the_one_command(worker: Worker, trouble: BaseException) -> None:
    await worker.handler(raising(trouble))(await worker.command())
    assert worker.broker.unanswered("effects") == (1 if trouble in RETRIED else 0)
    assert len(worker.dead) == (0 if trouble in RETRIED else 1)


@pytest.mark.parametrize(
    "trouble", [RecursionError(), UnicodeDecodeError("utf-8", b"x", 0, 1, "no")], ids=repr
)
async def test_an_event_that_cannot_be_decoded_keeps_its_neighbours_from_nothing(
    worker: Worker, trouble: Exception
) -> None:
    def read(payload: bytes) -> BillingEvent:
        event = wire.read_event(payload)
        if event.id == "evt_1":
            raise trouble
        return event

    await replace(worker.consumer(), read=read).work_on(await worker.events(3))
    assert [letter.message_id for letter in worker.dead] == ["evt_1"]
    assert set(worker.store.tables.processed_messages) == {"evt_0", "evt_2"}
    assert worker.broker.unanswered(CONSUMER) == 0


@pytest.mark.parametrize("trouble", [*RETRIED, *DEAD], ids=repr)
async def test_whatever_the_books_raise_every_event_of_the_batch_is_answered(
    worker: Worker, trouble: BaseException
) -> None:
    books = FailingBooks(worker.store, trouble=trouble)
    await worker.consumer(books).work_on(await worker.events(3))
    retried = trouble in RETRIED
    assert (worker.broker.unanswered(CONSUMER), len(worker.dead)) == ((3, 0) if retried else (0, 3))


@pytest.mark.parametrize("place", ["handler", "consumer"])
async def test_a_worker_that_stops_hands_back_what_it_has_in_hand(
    worker: Worker, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    class Hanging(RecordingWarehouse):
        async def ship(self, *_: object, **__: object) -> None:
            begun.set()
            await never.wait()

    class HangingBooks(MemoryBooks):
        async def apply(
            self,
            events: Sequence[BillingEvent],  # noqa: ARG002
            fold: Fold,  # noqa: ARG002
            *,
            payloads: Sequence[bytes] | None,  # noqa: ARG002
        ) -> BatchResult:
            begun.set()
            await never.wait()
            raise AssertionError

    worker.warehouse = Hanging()
    work = (
        worker.handler()(await worker.command())
        if place == "handler"
        else worker.consumer(HangingBooks(worker.store)).work_on(await worker.events(2))
    )
    task = asyncio.create_task(work)
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(worker.broker.delays) == (1 if place == "handler" else 2)
    assert max(worker.broker.delays) < 1
    assert lines(caplog) == ["messages handed back"]


async def test_an_answer_that_does_not_reach_the_broker_is_logged_once_for_the_batch(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    batch = await worker.events(3)
    worker.broker.away = True
    await acknowledge(batch)
    assert lines(caplog) == ["acknowledgement lost"]


@pytest.mark.parametrize("trouble", [Outage("away"), Defect("refused"), KeyError("x")], ids=repr)
async def test_a_dead_letter_that_cannot_be_stored_stays_a_message(
    worker: Worker, trouble: Exception
) -> None:
    class Full(MemoryDeadLetters):
        async def add_many(self, letters: Sequence[DeadLetter]) -> None:  # noqa: ARG002
            raise trouble

    worker.warehouse.fault = Defect("no")
    await replace(worker.handler(), dead_letters=Full(worker.store))(await worker.command())
    assert worker.broker.unanswered("effects") == 1


async def test_no_delay_outlives_the_message_and_one_at_its_end_is_dead_lettered(worker: Worker) -> None:
    longest = timedelta(seconds=max(backoff_delay(99, asked_for=1e9) for _ in range(200)))
    assert LAST_TRY + longest < timedelta(days=7)
    delivery, letters = await worker.command(), MemoryDeadLetters(worker.store)
    published = MemoryPublishedMessages(worker.store)
    await retry_or_expire(delivery, Outage("away"), letters, published, at=moment() + LAST_TRY)
    assert (worker.dead, len(worker.broker.delays)) == ([], 1)
    [delivery] = await anext(worker.broker.batches("effects"))
    late = moment() + LAST_TRY + timedelta(seconds=1)
    await retry_or_expire(delivery, Outage("away"), letters, published, at=late)
    assert [letter.reason for letter in worker.dead] == ["Outage: not done in a week: away"]
    assert worker.broker.unanswered("effects") == 0


async def test_a_failed_try_is_told_with_its_reason_and_its_next_try_until_the_command_is_done(
    worker: Worker,
) -> None:
    log = MemoryRetryLog()
    handle = replace(worker.handler(), retries=log)
    worker.warehouse.fault = Outage("the warehouse answered 503", retry_after=60)
    await handle(await worker.command())
    [delay] = worker.broker.delays
    assert log.failing == {
        SHIP.id: FailedTry(
            message_id=SHIP.id,
            command="ship_devices",
            sale_id=SALE.id,
            tries=1,
            reason="the warehouse answered 503",
            failed_at=moment(),
            next_at=moment() + timedelta(seconds=delay),
        )
    }
    worker.warehouse.fault = None
    [again] = await anext(worker.broker.batches("effects"))
    await handle(again)
    assert (log.failing, worker.broker.unanswered("effects")) == ({}, 0)


async def test_a_command_that_succeeds_at_once_asks_nothing_of_the_retry_log(worker: Worker) -> None:
    log = MemoryRetryLog()
    await replace(worker.handler(), retries=log)(await worker.command())
    assert (log.asked, worker.broker.unanswered("effects")) == (0, 0)


async def test_a_command_that_another_worker_holds_has_not_failed(worker: Worker) -> None:
    log = MemoryRetryLog()
    worker.warehouse.fault = HeldByAnother("held", retry_after=8.0)
    await replace(worker.handler(), retries=log)(await worker.command())
    assert (log.asked, len(worker.broker.delays)) == (0, 1)


async def test_a_retry_log_that_is_away_keeps_no_command_from_its_retry(worker: Worker) -> None:
    log = MemoryRetryLog(away=True)
    worker.warehouse.fault = Outage("away")
    await replace(worker.handler(), retries=log)(await worker.command())
    assert (log.asked, len(worker.broker.delays), worker.dead) == (1, 1, [])


async def test_what_is_dead_lettered_is_retried_no_more(worker: Worker) -> None:
    log = MemoryRetryLog()
    letters = RetryClosingDeadLetters(MemoryDeadLetters(worker.store), log)
    handle = replace(worker.handler(), retries=log, dead_letters=letters)
    worker.warehouse.fault = Outage("away")
    await handle(await worker.command())
    assert list(log.failing) == [SHIP.id]
    worker.warehouse.fault = Defect("the warehouse answered 422")
    [again] = await anext(worker.broker.batches("effects"))
    await handle(again)
    assert (log.failing, [letter.message_id for letter in worker.dead]) == ({}, [SHIP.id])


@pytest.mark.parametrize("asked_for", [None, 0.0, -5.0, float("nan"), float("inf"), float("-inf")])
def test_nonsense_never_shortens_or_stretches_the_own_delay(asked_for: float | None) -> None:
    assert all(0.25 <= backoff_delay(1, asked_for=asked_for) <= 0.5 for _ in range(50))
    assert all(300 <= backoff_delay(99, asked_for=asked_for) <= 600 for _ in range(50))


def test_one_command_waits_an_hour_at_most_and_up_to_a_quarter_more() -> None:
    delays = [backoff_delay(1, asked_for=31_536_000) for _ in range(200)]
    assert LONGEST_ASKED <= min(delays) <= max(delays) <= 1.25 * LONGEST_ASKED

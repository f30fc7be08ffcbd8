"""What a warehouse answers, and what is put into its messages, makes no hot loop and puts no order off."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from billing_worker.inbound.command_broker import CommandBroker
from billing_worker.inbound.command_consumers import subscribe
from billing_worker.inbound.command_handler import CommandHandler
from billing_worker.outbound.context import EffectContext
from egpay.adapters import wire
from egpay.adapters.nats import JetStreamPublisher, connected
from egpay.adapters.nats.provision import provision
from egpay.adapters.system.clock import utc_now
from egpay.adapters.warehouse.gateway import WarehouseGateway
from egpay.domain.commands import ShipDevices
from egpay.domain.events import Source
from egpay.domain.shipment import Shipment
from egpay.domain.values import MessageId, SaleId
from egpay.telemetry.metrics import Metrics
from egpay.testing.builders import moment, order, sale
from egpay.testing.memory import (
    MemoryDeadLetters,
    MemoryInbox,
    MemoryPublishedMessages,
    MemorySingleFlight,
    MemoryStore,
    memory_unit_of_work,
)
from egpay.testing.scripted_http import ScriptedAnswer, ScriptedHttp, scripted_http
from egpay.testing.world import PlainLetters, RecordingMail, ScriptedPayments

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SALE = sale(order(), id=SaleId("sale_1"))
SHIP = ShipDevices(
    id=MessageId("ship:sale_1"), occurred_at=moment(), source=Source.STRIPE, sale_id=SALE.id, revision=1
)


@dataclass
class Attacked:
    """A worker on a real broker, its books, and the warehouse that its attacker holds."""

    nats_url: str
    warehouse: ScriptedHttp
    store: MemoryStore = field(default_factory=MemoryStore)

    def __post_init__(self) -> None:
        self.store.tables.sales[SALE.id] = SALE
        self.store.tables.orders[SALE.id] = order()
        self.store.tables.shipments[SALE.id] = Shipment(sale_id=SALE.id, asked=True, revision=1)

    async def tell(self, payload: bytes, **headers: str) -> None:
        async with connected(self.nats_url, name="api") as connection:
            await connection.client.jetstream().publish(
                "billing.commands.ship_devices", payload, headers={wire.MESSAGE_ID: SHIP.id, **headers}
            )

    async def ship(self) -> None:
        self.store.tables.put(wire.command_message(SHIP))
        async with connected(self.nats_url, name="api") as connection:
            await JetStreamPublisher(connection).publish_many([wire.command_message(SHIP)])

    async def posts(self, count: int, within: float = 20.0) -> None:
        async with asyncio.timeout(within):
            while len(self.warehouse.heard) < count:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def working(attacked: Attacked) -> AsyncIterator[None]:
    store = attacked.store
    gateway = WarehouseGateway.connect(url=attacked.warehouse.url, secret=SECRET, clock=utc_now)
    world = EffectContext(
        begin=memory_unit_of_work(store),
        mail=RecordingMail(),
        letters=PlainLetters(),
        warehouse=gateway,
        payments=ScriptedPayments(),
        single_flight=MemorySingleFlight(store),
        inbox=MemoryInbox(store),
        clock=utc_now,
        invitation_token=lambda _command, _user: "",
        portal_token=lambda command, key: f"token of {command} for {key}",
        mail_domain="eg.example",
    )
    broker = CommandBroker([attacked.nats_url], logger=None)
    subscribe(
        broker, CommandHandler(world, MemoryPublishedMessages(store), MemoryDeadLetters(store), Metrics())
    )
    await broker.start()
    try:
        yield
    finally:
        await broker.stop()
        await gateway.aclose()


@pytest.fixture
async def attacked(nats_url: str) -> AsyncIterator[Attacked]:
    await provision(nats_url)
    async with scripted_http() as warehouse:
        attacked = Attacked(nats_url, warehouse)
        async with working(attacked):
            yield attacked


@pytest.mark.parametrize("asked", ["99999999999", "9" * 300, "0", "-1", "nan"])
async def test_no_retry_after_makes_a_hot_loop(attacked: Attacked, asked: str) -> None:
    attacked.warehouse.say(ScriptedAnswer(503, headers={"retry-after": asked}))
    began = time.monotonic()
    await attacked.ship()
    await attacked.posts(3)
    assert time.monotonic() - began > 0.75, "two delays of a quarter and of half a second at least"
    assert len(attacked.warehouse.heard) == 3


async def test_no_retry_after_puts_an_order_off_for_a_year(attacked: Attacked) -> None:
    attacked.warehouse.say(ScriptedAnswer(503, headers={"retry-after": "31536000"}), ScriptedAnswer(200))
    await attacked.ship()
    await attacked.posts(2)
    async with asyncio.timeout(5):
        while SHIP.id not in attacked.store.tables.processed_messages:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("status", [307, 401, 403, 404, 409])
async def test_a_warehouse_that_refuses_us_costs_no_order(attacked: Attacked, status: int) -> None:
    attacked.warehouse.say(ScriptedAnswer(status), ScriptedAnswer(200))
    await attacked.ship()
    await attacked.posts(2)
    assert not attacked.store.tables.dead_letters


@pytest.mark.parametrize(
    ("payload", "headers"),
    [
        (b"{", {"content-type": "application/json"}),
        (b"\xff\xfe", {"content-type": "text/plain"}),
        (b"[" * 100_000, {"content-type": "application/json"}),
        (b"", {}),
        (b"\xff" * 1000, {"content-type": "application/json; charset=utf-16"}),
    ],
)
async def test_a_body_that_cannot_be_decoded_is_dead_lettered_at_once(
    attacked: Attacked, payload: bytes, headers: dict[str, str]
) -> None:
    await attacked.tell(payload, **headers)
    async with asyncio.timeout(5):
        while not attacked.store.tables.dead_letters:
            await asyncio.sleep(0.01)
    [letter] = attacked.store.tables.dead_letters.values()
    assert letter.payload == payload


async def test_a_command_cannot_make_the_worker_publish_where_its_header_says(attacked: Attacked) -> None:
    async with connected(attacked.nats_url, name="stranger") as connection:
        heard = await connection.client.subscribe("billing.events.forged")
        await attacked.tell(b"{", reply_to="billing.events.forged")
        async with asyncio.timeout(5):
            while not attacked.store.tables.dead_letters:
                await asyncio.sleep(0.01)
        with pytest.raises(TimeoutError):
            await heard.next_msg(timeout=0.5)

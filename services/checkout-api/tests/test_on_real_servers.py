"""checkout-api on a real PostgreSQL and a real JetStream, under its own login: what memory can only promise."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import msgspec
import pytest

from checkout_api.clients import create_adapters
from checkout_api.settings import CheckoutApiSettings
from checkout_api.testing.doubles import OnePagePerAttempt
from checkout_api.testing.orders import CATALOGUE, order_body
from checkout_api.testing.running_app import alive, problem_of
from checkout_api.testing.tcp_proxy import TcpProxy
from egpay.adapters.nats.connection import Connection
from egpay.adapters.nats.provision import provision
from egpay.adapters.nats.source import JetStreamSource
from egpay.adapters.postgres.connection.pool import create_engine
from egpay.adapters.postgres.schema.rights import CHECKOUT_API
from egpay.adapters.postgres.unit_of_work import unit_of_work
from egpay.adapters.system.clock import utc_now
from egpay.domain.errors import Outage
from egpay.settings import Secret
from egpay.telemetry.metrics import Metrics
from egpay.testing import stripe_objects
from egpay.testing.stripe_events import event, signature
from egpay.testing.stripe_objects import Generation

URL = "http://api.test"
API_KEY = "egk_test_0123456789"


class Town:
    """The service with its servers, each at the end of a road, and a look into the database."""

    def __init__(
        self, client: httpx.AsyncClient, rows: asyncpg.Connection, database: TcpProxy, nats: TcpProxy
    ) -> None:
        self.client = client
        self.rows = rows
        self.database = database
        self.nats = nats

    async def order(self, key: str | None = None, **changes: Any) -> httpx.Response:
        headers = {} if key is None else {"idempotency-key": key}
        return await self.client.post("/v1/checkout/sessions", json=order_body(**changes), headers=headers)

    async def webhook(self, body: bytes, header: str | None = None) -> httpx.Response:
        signed = signature(body, at=utc_now()) if header is None else header
        return await self.client.post("/webhooks/stripe", content=body, headers={"stripe-signature": signed})

    async def count(self, table: str, where: str = "true") -> int:
        found: int = await self.rows.fetchval(f"SELECT count(*) FROM {table} WHERE {where}")  # noqa: S608
        return found

    async def until(self, holds: Callable[[], Any], seconds: float = 10) -> None:
        async with asyncio.timeout(seconds):
            while not await holds():
                await asyncio.sleep(0.02)


def completed(name: str) -> bytes:
    """A webhook that leads to a message."""
    content = stripe_objects.session(Generation.ENDIVE)
    return event("checkout.session.completed", content, event_id=name, created=int(utc_now().timestamp()))


async def offer(database_url: str) -> None:
    """Put the catalogue on sale, which the service itself may not."""
    engine = create_engine(database_url, name="test")
    async with unit_of_work(engine)() as uow:
        await uow.products.put(CATALOGUE)
    async with engine.begin() as connection:
        await connection.exec_driver_sql(
            "INSERT INTO prices (id, product, stripe_product, amount, currency, interval, installation)"
            " SELECT 'price_' || id, id, 'prod_' || id, unit_amount, currency, interval, 'ours' FROM products"
        )
    await engine.dispose()


@pytest.fixture
async def town(
    settings: CheckoutApiSettings, payments: OnePagePerAttempt, database_url: str, nats_url: str
) -> AsyncIterator[Town]:
    payments.clock.now = utc_now()
    await provision(nats_url)
    database, nats = TcpProxy(database_url), TcpProxy(nats_url)
    await database.open()
    await nats.open()
    await offer(database_url)
    rows = await asyncpg.connect(database_url)
    await rows.execute(f"ALTER ROLE {CHECKOUT_API} PASSWORD 'opens-nothing'")
    login = (
        f"postgresql://{CHECKOUT_API}:opens-nothing@127.0.0.1:{database.port}{urlsplit(database_url).path}"
    )
    here = msgspec.structs.replace(settings, database_url=Secret(login), nats_url=Secret(nats.url))
    world = create_adapters(here, Metrics())
    try:
        async with (
            alive(
                here,
                replace(
                    world, create_customer=payments.create_customer, open_checkout=payments.open_checkout
                ),
            ) as app,
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client,
        ):
            yield Town(client, rows, database, nats)
    finally:
        await rows.close()
        await nats.close()
        await database.close()


async def test_an_order_and_its_webhook_end_as_rows_and_as_a_message(town: Town, nats_url: str) -> None:
    assert {product["id"] for product in (await town.client.get("/v1/products")).json()} == {
        product.id for product in CATALOGUE
    }
    told = (await town.order("key-1")).json()
    row = await town.rows.fetchrow("SELECT * FROM sales")
    assert row is not None
    assert (row["id"], row["checkout_session_id"], row["checkout_url"]) == (
        told["sale_id"],
        told["checkout_session_id"],
        told["checkout_url"],
    )
    state = await town.client.get(f"/v1/sales/{told['sale_id']}")
    assert state.headers["cache-control"] == "no-store"
    shown = state.json()
    assert (shown["id"], shown["status"], shown["payment"]) == (told["sale_id"], "in_progress", "card")
    assert (shown["account"], shown["subscription"], shown["shipments"]) == ("none", None, [])

    assert (await town.webhook(completed("evt_1"))).status_code == 200
    connection = Connection(nats_url, name="test")
    await connection.open()
    async for batch in JetStreamSource(connection).batches("reactions"):
        [delivery] = batch
        assert json.loads(delivery.payload)["id"] == "evt_1"
        await delivery.ack()
        break
    await connection.close()


async def test_the_product_reads_the_stored_access_under_the_rights_of_the_service(town: Town) -> None:
    await town.rows.execute("""
        INSERT INTO organisations (id, name) VALUES ('org_a', 'Acme'), ('org_b', 'Other');
        INSERT INTO access (organisation_id, level, why, subscription_id, plan, seats, until, version)
        VALUES ('org_a', 'full', 'active', 'sub_a', 'plan', 3, NULL, 7);
        INSERT INTO subscriptions (id, status, reported_at, organisation_id, started_at) VALUES
            ('sub_b', 'active', now(), 'org_a', NULL), ('sub_a', 'active', now(), 'org_a', now());
    """)
    key = {"authorization": f"Bearer {API_KEY}"}
    answer = await town.client.get("/v1/organisations/org_a/access", headers=key)
    assert answer.json() == {
        "organisation_id": "org_a",
        "access": "full",
        "until": None,
        "why": "active",
        "plan": "plan",
        "seats": 3,
        "subscriptions": ["sub_a", "sub_b"],
        "version": 7,
    }
    unstored = await town.client.get("/v1/organisations/org_b/access", headers=key)
    unknown = await town.client.get("/v1/organisations/org_c/access", headers=key)
    assert (unstored.status_code, unknown.status_code) == (503, 404)


async def test_an_order_is_sold_at_stripes_price_and_only_while_that_is_what_the_product_costs(
    town: Town,
) -> None:
    assert (await town.order()).status_code == 201
    lines = await town.rows.fetch("SELECT product, price FROM sale_lines ORDER BY position")
    assert [tuple(line) for line in lines] == [("sensor", "price_sensor"), ("plan", "price_plan")]
    devices = [{"product": "sensor", "quantity": 1}]
    for change in (
        "UPDATE products SET interval_count = 2 WHERE id = 'sensor'",
        "UPDATE products SET interval_count = 1, unit_amount = 100 WHERE id = 'sensor'",
        "DELETE FROM prices WHERE product = 'sensor'",
    ):
        await town.rows.execute(change)
        refused = await town.order(line_items=devices)
        assert problem_of(refused) == (503, "payment-provider")
        assert "not synced" in refused.json()["detail"]
    assert await town.count("sales") == 1


async def test_a_webhook_delivered_many_times_at_once_is_one_row_and_one_message(town: Town) -> None:
    body = completed("evt_1")
    answers = await asyncio.gather(*(town.webhook(body) for _ in range(40)))
    assert {answer.status_code for answer in answers} == {200}
    assert (await town.count("webhook_events"), await town.count("outbox")) == (1, 1)


async def test_many_orders_with_one_key_at_once_are_one_sale(town: Town, payments: OnePagePerAttempt) -> None:
    answers = await asyncio.gather(*(town.order("key-1") for _ in range(8)))
    words = [answer.status_code for answer in answers]
    assert set(words) <= {201, 409}
    assert 201 in words
    late = await town.order("key-1")
    told = {answer.json()["checkout_session_id"] for answer in (*answers, late) if answer.status_code == 201}
    assert len(told) == 1
    assert (await town.count("sales"), len(payments.asked)) == (1, 1)


async def test_with_the_provider_down_the_sale_stays_and_the_key_continues_it(
    town: Town, payments: OnePagePerAttempt
) -> None:
    payments.fault = Outage("Stripe is down", retry_after=2)
    refused = await town.order("key-1")
    assert problem_of(refused) == (503, "payment-provider")
    assert refused.headers["retry-after"] == "2"
    kept = await town.rows.fetchval("SELECT id FROM sales WHERE checkout_session_id IS NULL")
    payments.fault = None
    assert (await town.order("key-1")).json()["sale_id"] == kept
    assert await town.count("sales") == 1


async def test_a_commit_that_fails_is_not_acknowledged(town: Town) -> None:
    await town.rows.execute(
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$;
        CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON webhook_events
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
        CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON sales
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
        """
    )
    body = completed("evt_1")
    assert problem_of(await town.webhook(body)) == (503, "unavailable")
    assert problem_of(await town.order("key-1")) == (503, "unavailable")
    assert await town.count("webhook_events") + await town.count("outbox") + await town.count("sales") == 0
    await town.rows.execute("DROP TRIGGER at_commit ON webhook_events; DROP TRIGGER at_commit ON sales")
    assert (await town.webhook(body)).status_code == 200
    assert (await town.order("key-1")).status_code == 201


async def test_without_the_database_webhooks_come_again_and_with_it_they_are_taken(town: Town) -> None:
    body = completed("evt_1")
    assert (await town.webhook(completed("evt_0"))).status_code == 200
    await town.database.close()
    refused = await town.webhook(body)
    assert problem_of(refused) == (503, "unavailable")
    assert refused.headers["retry-after"]
    assert problem_of(await town.order())[0] == 503
    ready = await town.client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
    assert (ready.json()["checks"]["broker"], ready.json()["checks"]["database"] == "ok") == ("ok", False)
    assert (await town.client.get("/livez")).status_code == 200
    await town.database.open()

    async def taken() -> bool:
        return (await town.webhook(body)).status_code == 200

    await town.until(taken)
    assert (await town.order()).status_code == 201
    assert await town.count("webhook_events") == 2


async def test_without_the_broker_webhooks_are_taken_and_flow_when_it_is_back(town: Town) -> None:
    await town.nats.close()

    async def noticed() -> bool:
        return bool((await town.client.get("/readyz")).json()["status"] == "degraded")

    await town.until(noticed)
    assert (await town.client.get("/readyz")).status_code == 200, "it can store, so it is ready"
    assert "not connected" in (await town.client.get("/readyz")).json()["checks"]["broker"]
    answers = await asyncio.gather(*(town.webhook(completed(f"evt_{n}")) for n in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert await town.count("outbox", "published_at IS NULL") == 20
    await town.nats.open()

    async def flown() -> bool:
        return await town.count("outbox", "published_at IS NULL") == 0

    await town.until(flown, 20)
    assert (await town.client.get("/readyz")).json() == {
        "status": "ok",
        "checks": {"database": "ok", "background": "ok", "broker": "ok"},
    }


async def test_an_unproven_body_leaves_no_row(town: Town) -> None:
    for header in ("", "t=1,v1=00", signature(completed("evt_1"), at=utc_now(), secret="whsec_other")):
        assert problem_of(await town.webhook(completed("evt_1"), header)) == (400, "bad-signature")
    assert await town.count("webhook_events") + await town.count("dead_letters") == 0


@pytest.mark.parametrize("name", ["evt_\x00", "x" * 100_000, "\U0001f600" * 3000])
async def test_a_signed_event_that_no_column_takes_as_it_is_is_kept_all_the_same(
    town: Town, name: str
) -> None:
    neighbour, odd = await asyncio.gather(town.webhook(completed("evt_1")), town.webhook(completed(name)))
    assert neighbour.status_code == 200
    assert odd.status_code in (200, 400)
    assert await town.count("webhook_events", "event_id = 'evt_1'") == 1


async def test_a_database_that_was_never_migrated_is_said_to_be_so(
    settings: CheckoutApiSettings, empty_database_url: str, nats_url: str
) -> None:
    bare = msgspec.structs.replace(
        settings, database_url=Secret(empty_database_url), nats_url=Secret(nats_url)
    )
    async with (
        alive(bare, create_adapters(bare, Metrics())) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client,
    ):
        ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
    assert "egpay migrate" in ready.json()["checks"]["database"]


async def test_a_hundred_orders_at_once_wait_their_turn(town: Town) -> None:
    answers = await asyncio.gather(*(town.order(email=f"buyer.{n}@example.com") for n in range(100)))
    assert [answer.status_code for answer in answers] == [201] * 100
    assert await town.count("sales", "checkout_session_id IS NOT NULL") == 100


async def test_a_hundred_equal_orders_at_once_are_one_sale_and_one_page(
    town: Town, payments: OnePagePerAttempt
) -> None:
    answers = await asyncio.gather(*(town.order() for _ in range(100)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert (await town.count("sales"), len(set(payments.asked))) == (1, 1)

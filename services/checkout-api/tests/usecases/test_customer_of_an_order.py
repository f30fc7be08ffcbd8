"""The provider's customer of an order: one for each sale, made just before its first page, whatever happens between."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from checkout_api.dependencies import Adapters
from checkout_api.testing.doubles import OnePagePerAttempt, StandingClock
from checkout_api.testing.orders import order_body
from checkout_api.testing.running_app import problem_of
from checkout_api.usecases.checkout_sessions import CheckoutSessions
from checkout_api.usecases.start_checkout import StartCheckout
from egpay.domain.errors import Outage, RequestRefused
from egpay.domain.sale import SessionProgress
from egpay.domain.values import CustomerId, SaleId
from egpay.testing.memory import MemoryStore


async def order(client: httpx.AsyncClient, key: str | None = None, **changes: Any) -> httpx.Response:
    headers = {} if key is None else {"idempotency-key": key}
    return await client.post("/v1/checkout/sessions", json=order_body(**changes), headers=headers)


async def asked_for_a_page(payments: OnePagePerAttempt) -> None:
    async with asyncio.timeout(5):
        while not payments.asked:
            await asyncio.sleep(0)


async def test_the_page_is_opened_for_a_customer_that_was_stored_before(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    payments.gate.clear()
    waiting = asyncio.create_task(order(client))
    await asked_for_a_page(payments)
    [(customer, made)] = store.tables.customers.items()
    payments.gate.set()
    sale_id = (await waiting).json()["sale_id"]
    assert (customer, made.sale_id) == (f"cus_{sale_id}_1", sale_id)
    assert payments.used == [customer]


async def test_two_orders_of_one_email_have_two_customers(
    client: httpx.AsyncClient, payments: OnePagePerAttempt
) -> None:
    first = (await order(client)).json()["sale_id"]
    second = (await order(client, line_items=[{"product": "sensor", "quantity": 1}])).json()["sale_id"]
    assert payments.used == [f"cus_{first}_1", f"cus_{second}_1"]


@pytest.mark.parametrize("progress", [SessionProgress.EXPIRED, SessionProgress.FAILED])
async def test_a_later_page_of_the_same_sale_is_opened_for_the_same_customer(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt, progress: SessionProgress
) -> None:
    sale_id = SaleId((await order(client, "key-1")).json()["sale_id"])
    sale = store.tables.sales[sale_id]
    assert sale.checkout_session_id is not None
    store.tables.sales[sale_id] = sale.session_reached(sale.checkout_session_id, progress)
    assert (await order(client, "key-1")).status_code == 201
    assert payments.used == [f"cus_{sale_id}_1"] * 2
    assert len(payments.customers) == 1


async def test_what_fails_between_customer_and_page_continues_with_that_customer(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    payments.fault = Outage("Stripe is down")
    assert (await order(client, "key-1")).status_code == 503
    payments.fault = None
    sale_id = (await order(client, "key-1")).json()["sale_id"]
    assert payments.customers == [f"cus_{sale_id}_1"]
    assert list(store.tables.customers) == [f"cus_{sale_id}_1"]


async def test_a_death_between_customer_and_page_leaves_no_second_customer(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt, clock: StandingClock
) -> None:
    payments.gate.clear()
    died = asyncio.create_task(order(client, "key-1"))
    await asked_for_a_page(payments)
    died.cancel()
    payments.gate.set()
    clock.forward(seconds=31)
    sale_id = (await order(client, "key-1")).json()["sale_id"]
    assert payments.used == [f"cus_{sale_id}_1"] * 2
    assert payments.customers == list(store.tables.customers) == [f"cus_{sale_id}_1"]


async def test_a_death_before_the_customer_is_stored_asks_for_the_same_one(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt, clock: StandingClock
) -> None:
    payments.customer_gate.clear()
    died = asyncio.create_task(order(client, "key-1"))
    async with asyncio.timeout(5):
        while not payments.customers:
            await asyncio.sleep(0)
    died.cancel()
    payments.customer_gate.set()
    clock.forward(seconds=31)
    sale_id = (await order(client, "key-1")).json()["sale_id"]
    assert payments.customers == [f"cus_{sale_id}_1"] * 2
    assert list(store.tables.customers) == [f"cus_{sale_id}_1"]


async def test_a_database_that_goes_away_before_the_customer_is_stored_costs_no_page(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt, clock: StandingClock
) -> None:
    payments.customer_gate.clear()
    interrupted = asyncio.create_task(order(client, "key-1"))
    async with asyncio.timeout(5):
        while not payments.customers:
            await asyncio.sleep(0)
    store.away = True
    payments.customer_gate.set()
    assert problem_of(await interrupted) == (503, "unavailable")
    assert payments.asked == []
    store.away = False
    clock.forward(seconds=31)
    assert (await order(client, "key-1")).status_code == 201


async def test_a_customer_that_was_given_up_is_not_used_again(
    client: httpx.AsyncClient,
    store: MemoryStore,
    payments: OnePagePerAttempt,
    clock: StandingClock,
    world: Adapters,
) -> None:
    sale_id = SaleId((await order(client, "key-1")).json()["sale_id"])
    clock.forward(days=31)
    async with world.begin() as uow:
        await uow.customers.give_up(unused_since=clock() - timedelta(days=30), at=clock(), most=10)
    assert (await order(client, "key-1")).json()["sale_id"] == sale_id
    assert payments.used == [f"cus_{sale_id}_1", f"cus_{sale_id}_2"]
    assert store.tables.customers[CustomerId(f"cus_{sale_id}_2")].given_up_at is None


async def test_both_answers_of_the_provider_together_are_waited_for_as_long_as_one(
    world: Adapters, payments: OnePagePerAttempt
) -> None:
    async def slow_customer(*_: Any) -> CustomerId:
        await asyncio.sleep(0.15)
        return CustomerId("cus_slow")

    payments.gate.clear()
    pages = CheckoutSessions(slow_customer, world.open_checkout, patience=timedelta(seconds=0.2))
    start = StartCheckout(world.begin, pages, world.clock, world.new_sale_id)
    began = asyncio.get_running_loop().time()
    with pytest.raises(Outage, match="slow"):
        await start(order_body(), "key-1")
    assert asyncio.get_running_loop().time() - began < 0.35
    assert payments.used == ["cus_slow"]


async def test_a_refused_customer_is_told_with_stripes_code_and_stays_on_the_timeline(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    payments.customer_fault = RequestRefused(
        "Stripe: InvalidRequestError 400 email_invalid email (req_1)", code="email_invalid", param="email"
    )
    answer = await order(client, "key-1")
    assert problem_of(answer) == (502, "payment-provider")
    assert "email_invalid" in answer.json()["detail"]
    assert [entry.kind for entry in store.tables.timeline.values()] == ["sale.started", "checkout.refused"]
    assert payments.asked == []


async def test_phone_and_language_are_stored_with_the_sale(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    sale_id = (await order(client, phone="+49 30 1234 567", locale="de-AT")).json()["sale_id"]
    placed = store.tables.orders[sale_id]
    assert (placed.phone, placed.locale) == ("+49 30 1234 567", "de-AT")


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("phone", "call me"),
        ("phone", "12"),
        ("phone", "+49 30 1234 567 890 123 4"),
        ("phone", "030 1234\n5678"),
        ("locale", "deutsch"),
        ("locale", "de_DE"),
        ("locale", "de\n"),
        ("locale", ""),
    ],
)
async def test_what_is_no_phone_number_or_language_is_a_field_error(
    client: httpx.AsyncClient, field: str, text: str
) -> None:
    answer = await order(client, **{field: text})
    assert problem_of(answer) == (422, "validation")
    assert [error["field"] for error in answer.json()["errors"]] == [field]

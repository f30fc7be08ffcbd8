"""Two tabs, a double click, a change of mind: one e-mail has one open page for a subscription."""

import asyncio
from typing import Any

import httpx
import msgspec

from checkout_api.testing.doubles import OnePagePerAttempt, StandingClock
from checkout_api.testing.orders import order_body
from checkout_api.testing.running_app import problem_of
from egpay.domain.errors import Defect, Outage
from egpay.domain.sale import SaleStatus, SessionProgress
from egpay.testing.memory import MemoryStore

OTHER_CART = [{"product": "sensor", "quantity": 7}, {"product": "plan", "quantity": 1}]


async def order(client: httpx.AsyncClient, key: str | None = None, **changes: Any) -> httpx.Response:
    headers = {} if key is None else {"idempotency-key": key}
    return await client.post("/v1/checkout/sessions", json=order_body(**changes), headers=headers)


def statuses(store: MemoryStore) -> dict[str, SaleStatus]:
    return {sale_id: sale.status for sale_id, sale in store.tables.sales.items()}


def change(store: MemoryStore, sale_id: str, **facts: Any) -> None:
    [key] = [key for key in store.tables.sales if key == sale_id]
    store.tables.sales[key] = store.tables.sales[key]._with(**facts)


async def test_the_same_order_again_is_the_same_page(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    first = await order(client, "key-1")
    spelt = await order(client, email=" ADA@Example.com ")
    for again in (await order(client, "key-2"), await order(client), await order(client, "key-2"), spelt):
        assert (again.status_code, again.json()) == (201, first.json())
    assert (len(store.tables.sales), len(payments.asked)) == (1, 1)


async def test_another_cart_takes_the_place_of_the_open_one(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    first = (await order(client, "key-1")).json()
    second = (await order(client, "key-2", line_items=OTHER_CART)).json()
    assert payments.closed == [first["checkout_session_id"]]
    assert statuses(store) == {
        first["sale_id"]: SaleStatus.EXPIRED,
        second["sale_id"]: SaleStatus.IN_PROGRESS,
    }
    lines = [(entry.sale_id, entry.kind) for entry in store.tables.timeline.values()]
    assert (first["sale_id"], "checkout.superseded") in lines


async def test_the_first_order_asked_for_again_takes_its_place_back(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    first = (await order(client, "key-1")).json()
    second = (await order(client, "key-2", line_items=OTHER_CART)).json()
    back = (await order(client, "key-1")).json()
    assert back["sale_id"] == first["sale_id"]
    assert back["checkout_session_id"] != first["checkout_session_id"]
    assert statuses(store) == {
        first["sale_id"]: SaleStatus.IN_PROGRESS,
        second["sale_id"]: SaleStatus.EXPIRED,
    }


async def test_a_cart_whose_prices_changed_is_another_order(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    first = (await order(client)).json()
    store.tables.products.update(
        {key: msgspec.structs.replace(one, unit_amount=1) for key, one in store.tables.products.items()}
    )
    assert (await order(client)).json()["sale_id"] != first["sale_id"]


async def test_a_page_that_was_completed_meanwhile_refuses_the_next_cart_and_keeps_nothing(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    first = (await order(client)).json()
    payments.completed.add(first["checkout_session_id"])
    for _ in range(2):
        refused = await order(client, "key-2", line_items=OTHER_CART)
        assert problem_of(refused) == (409, "already-subscribed")
    assert statuses(store) == {first["sale_id"]: SaleStatus.IN_PROGRESS}
    assert store.tables.idempotency_keys == {}


async def test_while_a_delayed_payment_is_under_way_no_other_order_is_taken(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    first = (await order(client, "key-1")).json()
    change(store, first["sale_id"], session_progress=SessionProgress.COMPLETED)
    assert problem_of(await order(client)) == (409, "already-subscribed")
    assert problem_of(await order(client, line_items=OTHER_CART)) == (409, "already-subscribed")
    assert (await order(client, "key-1")).json() == first


async def test_an_order_that_died_before_it_had_a_page_is_continued_by_the_same_one(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    payments.fault = Outage("Stripe is down")
    await order(client, "key-1")
    [kept] = store.tables.sales
    payments.fault = None
    assert (await order(client)).json()["sale_id"] == kept
    assert (await order(client, "key-1")).json()["sale_id"] == kept


async def test_an_order_that_died_before_it_had_a_page_makes_way_for_another(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    payments.fault = Outage("Stripe is down")
    await order(client, "key-1")
    [kept] = store.tables.sales
    assert problem_of(await order(client, line_items=OTHER_CART)) == (503, "payment-provider")
    payments.fault = None
    assert (await order(client, line_items=OTHER_CART)).status_code == 201
    assert payments.closed == [f"cs_test_{kept}_1"]  # it may have been opened, with only the answer lost


async def test_an_order_that_the_provider_refuses_is_in_nobodys_way(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    payments.fault = Defect("Stripe: InvalidRequestError 400")
    await order(client, "key-1")
    [kept] = store.tables.sales
    assert problem_of(await order(client, line_items=OTHER_CART)) == (502, "payment-provider")
    assert statuses(store)[kept] is SaleStatus.EXPIRED


async def test_a_page_that_timed_out_unheard_is_closed_and_the_order_begun_anew(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt, clock: StandingClock
) -> None:
    first = (await order(client)).json()
    clock.forward(hours=25)
    again = (await order(client)).json()
    assert again["sale_id"] != first["sale_id"]
    assert payments.closed == [first["checkout_session_id"]]


async def test_other_orders_of_one_email_at_once_end_with_one_that_is_open(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    answers = await asyncio.gather(
        *(
            order(client, line_items=[{"product": "plan", "quantity": n}], shipping_address=...)
            for n in range(1, 9)
        )
    )
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(statuses(store).values()) == [SaleStatus.EXPIRED] * 7 + [SaleStatus.IN_PROGRESS]
    assert len(set(payments.closed)) == 7

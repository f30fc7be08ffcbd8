"""A consumer withdraws without a login: who, from which order, and where the receipt goes; the time is told and kept."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from checkout_api.dependencies import Adapters
from checkout_api.settings import CheckoutApiSettings
from checkout_api.testing.doubles import NOON, StandingClock
from checkout_api.testing.orders import order_body
from checkout_api.testing.running_app import alive, problem_of
from egpay.adapters.wire import read_event
from egpay.domain.events import Source, WithdrawalDeclared
from egpay.domain.values import SaleId
from egpay.testing.memory import MemoryStore


@pytest.fixture
async def open_sale(client: httpx.AsyncClient) -> SaleId:
    return SaleId((await client.post("/v1/checkout/sessions", json=order_body())).json()["sale_id"])


@pytest.fixture
async def sale_id(open_sale: SaleId, store: MemoryStore) -> SaleId:
    store.tables.sales[open_sale] = store.tables.sales[open_sale].settled(NOON)
    return open_sale


def form(number: str, **changes: Any) -> dict[str, Any]:
    body = {"sale_id": number, "name": "Ada Lovelace", "email": "ada@example.com", **changes}
    return {name: value for name, value in body.items() if value is not ...}


def events(store: MemoryStore) -> list[WithdrawalDeclared]:
    messages = [one for one in store.tables.outbox.values() if one.subject.endswith("withdrawal_declared")]
    told = [read_event(one.payload) for one in messages]
    return [one for one in told if isinstance(one, WithdrawalDeclared)]


async def test_a_declaration_is_kept_word_for_word_with_its_time(
    client: httpx.AsyncClient, store: MemoryStore, sale_id: SaleId
) -> None:
    answer = await client.post("/v1/withdrawals", json=form(sale_id, statement="only the sensor"))
    assert (answer.status_code, answer.json()) == (202, {"declared_at": "2026-11-23T12:00:00Z"})
    assert answer.headers["cache-control"] == "no-store"
    [row] = store.tables.withdrawals.values()
    assert (row.sale_id, row.name, row.email, row.statement) == (
        sale_id,
        "Ada Lovelace",
        "ada@example.com",
        "only the sensor",
    )


async def test_the_worker_is_told_by_ids_alone(
    client: httpx.AsyncClient, store: MemoryStore, sale_id: SaleId
) -> None:
    await client.post("/v1/withdrawals", json=form(sale_id, statement="only the sensor"))
    [event], [row] = events(store), store.tables.withdrawals.values()
    assert (event.sale_id, event.withdrawal_id, event.source) == (sale_id, row.id, Source.STOREFRONT)
    for personal in (b"ada@", b"Lovelace", b"sensor"):
        assert personal not in msgspec.json.encode(event)


async def test_the_same_declaration_sent_again_is_the_first_one(
    client: httpx.AsyncClient, store: MemoryStore, clock: StandingClock, sale_id: SaleId
) -> None:
    first = await client.post("/v1/withdrawals", json=form(sale_id))
    clock.forward(days=3)
    again = await client.post("/v1/withdrawals", json=form(sale_id, email="Ada@Example.com"))
    assert again.json() == first.json()
    assert (len(store.tables.withdrawals), len(events(store))) == (1, 1)


async def test_a_number_is_read_as_phones_write_it_and_blanks_are_no_words(
    client: httpx.AsyncClient, store: MemoryStore, sale_id: SaleId
) -> None:
    for body in (form(sale_id), form(f" {sale_id.capitalize()} ", statement=" \n")):
        assert (await client.post("/v1/withdrawals", json=body)).status_code == 202
    [row] = store.tables.withdrawals.values()
    assert (row.sale_id, row.statement) == (sale_id, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sale_id": ...}, "sale_id"),
        ({"sale_id": "sale_" + "a" * 26}, "sale_id"),
        ({"name": " "}, "name"),
        ({"name": "\u200b"}, "name"),
        ({"name": "Ada \u202egnp.exe"}, "name"),
        ({"name": "You won, see https://prize.example: the bank"}, "name"),
        ({"email": "not an address"}, "email"),
        ({"email": ...}, "email"),
        ({"statement": "x" * 1001}, "statement"),
        ({"statement": "\x00"}, "statement"),
        ({"reason": "none of yours"}, "reason"),
    ],
)
async def test_a_field_that_is_missing_or_wrong_is_named(
    client: httpx.AsyncClient, store: MemoryStore, sale_id: SaleId, changes: dict[str, Any], field: str
) -> None:
    answer = await client.post("/v1/withdrawals", json=form(sale_id, **changes))
    assert problem_of(answer) == (422, "validation")
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not store.tables.withdrawals


async def test_one_order_is_not_a_way_to_write_to_everybody(
    client: httpx.AsyncClient, store: MemoryStore, sale_id: SaleId
) -> None:
    answers = [
        await client.post("/v1/withdrawals", json=form(sale_id, email=f"n{n}@example.com")) for n in range(12)
    ]
    assert [answer.status_code for answer in answers] == [202] * 10 + [429] * 2
    assert len(events(store)) == 10


async def test_no_stranger_uses_up_the_right_of_the_buyer(
    client: httpx.AsyncClient, store: MemoryStore, sale_id: SaleId
) -> None:
    for n in range(10):
        await client.post("/v1/withdrawals", json=form(sale_id, email=f"n{n}@example.com"))
    buyer = store.tables.sales[sale_id].email.upper()
    own = [
        await client.post("/v1/withdrawals", json=form(sale_id, email=buyer, statement=f"part {n}"))
        for n in range(11)
    ]
    assert [answer.status_code for answer in own] == [202] * 10 + [429]


async def test_an_order_that_was_never_paid_sends_nothing(
    client: httpx.AsyncClient, store: MemoryStore, open_sale: SaleId
) -> None:
    answer = await client.post("/v1/withdrawals", json=form(open_sale))
    assert problem_of(answer) == (422, "validation")
    assert answer.json()["errors"][0]["field"] == "sale_id"
    assert (events(store), store.tables.withdrawals) == ([], {})


@pytest.fixture(params=[{"sells_to": "businesses"}, {"withdrawal_days": 0}])
async def elsewhere(
    request: pytest.FixtureRequest, settings: CheckoutApiSettings, world: Adapters
) -> AsyncIterator[httpx.AsyncClient]:
    only = msgspec.structs.replace(settings, **request.param)
    async with (
        alive(only, world) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api.test") as client,
    ):
        yield client


async def test_where_no_one_is_offered_it_there_is_nothing_to_withdraw(elsewhere: httpx.AsyncClient) -> None:
    answer = await elsewhere.post("/v1/withdrawals", json=form("sale_" + "a" * 26))
    assert problem_of(answer) == (404, "not-found")

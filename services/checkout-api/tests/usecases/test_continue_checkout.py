"""The link of a letter continues the same order: on the page that is open, on a fresh one, or not at all once paid."""

import httpx
import msgspec
import pytest

from checkout_api.testing.doubles import OnePagePerAttempt, StandingClock
from checkout_api.testing.orders import order_body
from checkout_api.testing.running_app import problem_of
from egpay.domain.errors import Outage
from egpay.domain.sale import Sale, SaleStatus, SessionProgress
from egpay.domain.values import SaleId
from egpay.testing.memory import MemoryStore


async def ordered(client: httpx.AsyncClient) -> SaleId:
    return SaleId((await client.post("/v1/checkout/sessions", json=order_body())).json()["sale_id"])


def failed(store: MemoryStore, sale_id: SaleId) -> Sale:
    known = store.tables.sales[sale_id]
    assert known.checkout_session_id
    store.tables.sales[sale_id] = known.session_reached(known.checkout_session_id, SessionProgress.FAILED)
    return store.tables.sales[sale_id]


async def test_an_open_page_is_used_again(client: httpx.AsyncClient) -> None:
    sale_id = await ordered(client)
    answer = await client.get(f"/v1/sales/{sale_id}/continue")
    assert (answer.status_code, answer.headers["cache-control"]) == (303, "no-store")
    assert answer.headers["location"] == f"https://pay.test/c/cs_test_{sale_id}_1#fragment"


async def test_after_a_failed_payment_the_same_order_gets_one_new_page(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    sale_id = await ordered(client)
    assert failed(store, sale_id).status is SaleStatus.PAYMENT_FAILED
    pages = [(await client.get(f"/v1/sales/{sale_id}/continue")).headers["location"] for _ in range(3)]
    assert set(pages) == {f"https://pay.test/c/cs_test_{sale_id}_2#fragment"}
    assert list(store.tables.sales) == [sale_id]
    assert store.tables.sales[sale_id].status is SaleStatus.IN_PROGRESS


async def test_after_its_page_timed_out_the_order_gets_a_new_one(
    client: httpx.AsyncClient, clock: StandingClock
) -> None:
    sale_id = await ordered(client)
    clock.forward(hours=25)
    answer = await client.get(f"/v1/sales/{sale_id}/continue")
    assert answer.headers["location"] == f"https://pay.test/c/cs_test_{sale_id}_2#fragment"


async def test_a_person_reads_in_a_browser_why_a_link_leads_nowhere(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    sale_id = await ordered(client)
    failed(store, sale_id)
    payments.fault = Outage("Stripe is down")
    browser = {"accept": "text/html,*/*;q=0.8", "accept-language": "en-GB"}
    page = await client.get(f"/v1/sales/{sale_id}/continue", headers=browser)
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert (page.headers["retry-after"], page.headers["cache-control"]) == ("5", "no-store")
    assert "This does not work at the moment" in page.text
    assert "Stripe" not in page.text
    missing = await client.get(f"/v1/sales/{sale_id}/documents/invoice", headers=browser)
    assert (missing.status_code, "There is nothing here" in missing.text) == (404, True)


@pytest.mark.parametrize("status", [SaleStatus.PAID, SaleStatus.AWAITING_PAYMENT, SaleStatus.REFUNDED])
async def test_where_nothing_is_to_be_paid_the_link_leads_to_the_status_page(
    client: httpx.AsyncClient, store: MemoryStore, status: SaleStatus
) -> None:
    sale_id = await ordered(client)
    store.tables.sales[sale_id] = msgspec.structs.replace(store.tables.sales[sale_id], status=status)
    answer = await client.get(f"/v1/sales/{sale_id}/continue")
    assert answer.headers["location"].endswith(f"/success?sale={sale_id}")
    assert "pay.test" not in answer.headers["location"]


async def test_an_unknown_sale_is_not_found_and_a_provider_that_is_away_is_an_outage(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    assert problem_of(await client.get(f"/v1/sales/sale_{'x' * 26}/continue")) == (404, "not-found")
    sale_id = await ordered(client)
    failed(store, sale_id)
    payments.fault = Outage("Stripe is away")
    assert problem_of(await client.get(f"/v1/sales/{sale_id}/continue")) == (503, "payment-provider")

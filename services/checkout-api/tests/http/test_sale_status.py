"""The page about an order: what it is told, from the open payment page to the account that is entered."""

import asyncio
from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any

import httpx
import msgspec

from checkout_api.app import build, observed
from checkout_api.dependencies import Adapters
from checkout_api.settings import CheckoutApiSettings
from checkout_api.testing.doubles import NOON, OnePagePerAttempt
from checkout_api.testing.orders import order_body
from checkout_api.testing.running_app import problem_of
from egpay.domain.errors import Outage
from egpay.domain.sale import SessionProgress
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import InvoiceId, OrganisationId, SaleId, SubscriptionId, TotalDetails
from egpay.runtime.serving.http import ON_STOP
from egpay.telemetry.metrics import Metrics
from egpay.testing.memory import MemoryStore
from egpay.testing.memory.store import SentEmail

PLAN = SubscriptionId("sub_1")


async def ordered(client: httpx.AsyncClient) -> SaleId:
    return SaleId((await client.post("/v1/checkout/sessions", json=order_body())).json()["sale_id"])


def pay(store: MemoryStore, sale_id: SaleId) -> None:
    sale = store.tables.sales[sale_id]
    totals = TotalDetails(discount=600, tax=10_222)
    store.tables.sales[sale_id] = sale.linked(subscription=PLAN, totals=totals).settled(NOON)


def start(store: MemoryStore, sale_id: SaleId, organisation: str | None) -> None:
    store.tables.subscriptions[PLAN] = Subscription(
        id=PLAN,
        status=SubscriptionStatus.ACTIVE,
        reported_at=NOON,
        sale_id=sale_id,
        organisation_id=OrganisationId(organisation) if organisation else None,
    )


async def test_an_account_is_opening_from_the_payment_on_and_open_once_it_is(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    sale_id = await ordered(client)

    async def account() -> tuple[str, bool]:
        shown = (await client.get(f"/v1/sales/{sale_id}")).json()
        return shown["account"], shown["introduced"]

    assert await account() == ("none", False)
    pay(store, sale_id)
    start(store, sale_id, None)
    assert await account() == ("opening", False)
    start(store, sale_id, "org_1")
    assert await account() == ("open", False)
    letter = SentEmail("introduction", "ada@example.com", "Welcome", sale_id, NOON)
    store.tables.emails["introduction:org_1"] = letter
    assert await account() == ("open", False)
    store.tables.emails["introduction:org_1"] = replace(letter, sent_at=NOON)
    assert await account() == ("open", True)


async def test_devices_alone_open_no_account(client: httpx.AsyncClient, store: MemoryStore) -> None:
    body = order_body(line_items=[{"product": "sensor", "quantity": 1}])
    sale_id = (await client.post("/v1/checkout/sessions", json=body)).json()["sale_id"]
    store.tables.sales[sale_id] = store.tables.sales[sale_id].settled(NOON)
    assert (await client.get(f"/v1/sales/{sale_id}")).json()["account"] == "none"


async def test_what_the_payment_page_took_off_and_added_is_shown_in_parts(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    sale_id = await ordered(client)
    pay(store, sale_id)
    shown = (await client.get(f"/v1/sales/{sale_id}")).json()
    assert shown["total_details"] == {"discount": 600, "shipping": 0, "tax": 10_222}


async def test_only_an_order_that_can_still_be_paid_goes_on(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    sale_id = await ordered(client)
    sale = store.tables.sales[sale_id]
    page = sale.checkout_session_id
    assert page is not None
    for progress, goes_on in (
        (SessionProgress.EXPIRED, True),
        (SessionProgress.FAILED, True),
        (SessionProgress.COMPLETED, False),
    ):
        store.tables.sales[sale_id] = sale.session_reached(page, progress)
        shown = (await client.get(f"/v1/sales/{sale_id}")).json()
        assert (shown["continue_url"] is not None) is goes_on, progress
    store.tables.sales[sale_id] = sale.settled(NOON)
    assert (await client.get(f"/v1/sales/{sale_id}")).json()["continue_url"] is None


async def test_an_invoice_is_a_document_once_it_is_paid_and_leads_to_where_it_is_now(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    sale_id = await ordered(client)
    invoice = f"/v1/sales/{sale_id}/documents/invoice"
    assert problem_of(await client.get(invoice)) == (404, "not-found")
    store.tables.sales[sale_id] = store.tables.sales[sale_id].linked(invoice=InvoiceId("in_1"))
    assert (await client.get(f"/v1/sales/{sale_id}")).json()["documents"] == []
    pay(store, sale_id)
    shown = (await client.get(f"/v1/sales/{sale_id}")).json()["documents"]
    assert shown == [{"kind": "invoice", "url": f"http://api.test{invoice}"}]
    answer = await client.get(invoice)
    assert (answer.status_code, answer.headers["location"]) == (303, "https://invoice.test/in_1")
    assert answer.headers["cache-control"] == "no-store"
    assert problem_of(await client.get(f"/v1/sales/{sale_id}/documents/receipt")) == (404, "not-found")


async def test_a_document_that_the_provider_does_not_show_is_said_not_to_be_there(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    sale_id = await ordered(client)
    pay(store, sale_id)
    store.tables.sales[sale_id] = store.tables.sales[sale_id].linked(invoice=InvoiceId("in_draft"))
    invoice = f"/v1/sales/{sale_id}/documents/invoice"
    assert problem_of(await client.get(invoice)) == (404, "not-found")
    payments.fault = Outage("Stripe is away")
    assert problem_of(await client.get(invoice)) == (503, "payment-provider")


async def test_a_status_says_nothing_about_a_person(client: httpx.AsyncClient, store: MemoryStore) -> None:
    sale_id = await ordered(client)
    pay(store, sale_id)
    start(store, sale_id, "org_1")
    shown = (await client.get(f"/v1/sales/{sale_id}")).text
    sale = store.tables.sales[sale_id]
    for personal in (sale.name, sale.email, sale.organisation, "Lohm", "Berlin", "org_1"):
        assert personal not in shown


async def test_a_request_that_waits_is_answered_with_the_change(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    sale_id = await ordered(client)
    known = (await client.get(f"/v1/sales/{sale_id}")).json()["version"]
    async with asyncio.timeout(10):
        waiting = asyncio.create_task(client.get(f"/v1/sales/{sale_id}?wait=20&since={known}"))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        pay(store, sale_id)
        answer = (await waiting).json()
    assert (answer["status"], answer["version"]) == ("paid", known + 1)


async def test_who_knows_no_version_or_an_older_one_does_not_wait(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    sale_id = await ordered(client)
    known = (await client.get(f"/v1/sales/{sale_id}")).json()["version"]
    async with asyncio.timeout(5):
        for query in (
            "wait=20",
            f"wait=20&since={known - 1}",
            f"wait=0&since={known}",
            f"wait=-5&since={known}",
        ):
            assert (await client.get(f"/v1/sales/{sale_id}?{query}")).status_code == 200


async def test_what_is_no_number_is_refused_and_an_unknown_sale_is_not_waited_for(
    client: httpx.AsyncClient,
) -> None:
    sale_id = await ordered(client)
    assert problem_of(await client.get(f"/v1/sales/{sale_id}?wait=long"))[0] == 400
    async with asyncio.timeout(5):
        unknown = await client.get(f"/v1/sales/sale_{'a' * 26}?wait=20&since=0")
    assert problem_of(unknown) == (404, "not-found")


async def test_a_status_is_never_older_than_its_version(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    sale_id = await ordered(client)
    store.tables.sales[sale_id] = msgspec.structs.replace(store.tables.sales[sale_id], session_attempt=2)
    first = (await client.get(f"/v1/sales/{sale_id}")).json()
    assert (await client.get(f"/v1/sales/{sale_id}")).json() == first


async def test_a_server_that_stops_is_given_what_lets_go_of_those_who_wait(
    settings: CheckoutApiSettings, world: Adapters
) -> None:
    metrics = Metrics()
    app = observed(build(settings, world, metrics), metrics)
    steps = iter(("lifespan.startup", "lifespan.shutdown"))
    said: list[str] = []

    async def receive() -> dict[str, str]:
        return {"type": next(steps)}

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message["type"])

    scope: dict[str, Any] = {"type": "lifespan", "state": {}, "asgi": {"version": "3.0"}}
    await app(scope, receive, send)
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    scope["state"][ON_STOP]()

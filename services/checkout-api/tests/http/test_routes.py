"""The manners of the API: problems for every error, nothing from elsewhere in its pages, and no person in a status."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from checkout_api.app import build
from checkout_api.dependencies import Adapters
from checkout_api.http.openapi.document import document
from checkout_api.http.openapi.operations import OPERATIONS
from checkout_api.http.problem_types import KINDS
from checkout_api.http.routes.checkout import LIMIT
from checkout_api.settings import CheckoutApiSettings
from checkout_api.testing.doubles import NOON, OnePagePerAttempt
from checkout_api.testing.orders import order_body
from checkout_api.testing.running_app import problem_of
from egpay.domain.parcels import Progress, Tracking
from egpay.domain.shipment import Shipment
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import ProductId, SubscriptionId
from egpay.telemetry.metrics import Metrics
from egpay.testing.memory import MemoryStore

JSON = {"content-type": "application/json"}


async def test_the_catalogue_says_what_costs_how_much(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/products")
    assert answer.json()[:2] == [
        {
            "id": "sensor",
            "kind": "device",
            "name": "Sensor",
            "description": "Measures.",
            "unit_amount": 19900,
            "currency": "eur",
            "interval": None,
            "interval_count": 1,
            "trial_days": 0,
            "image": None,
            "available": True,
        },
        {
            "id": "plan",
            "kind": "subscription",
            "name": "Plan",
            "description": "Watches.",
            "unit_amount": 4900,
            "currency": "eur",
            "interval": "month",
            "interval_count": 1,
            "trial_days": 0,
            "image": None,
            "available": True,
        },
    ]


async def test_what_the_provider_does_not_sell_is_listed_and_cannot_be_bought_now(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    del store.tables.prices[ProductId("sensor")]
    listed = (await client.get("/v1/products")).json()
    assert {one["id"]: one["available"] for one in listed} == {
        "sensor": False,
        "plan": True,
        "hub-us": True,
    }
    assert (await client.post("/v1/checkout/sessions", json=order_body())).status_code == 503


async def test_what_was_taken_off_sale_is_not_listed(client: httpx.AsyncClient, store: MemoryStore) -> None:
    del store.tables.products[ProductId("sensor")]
    assert {one["id"] for one in (await client.get("/v1/products")).json()} == {"plan", "hub-us"}


async def test_a_sale_tells_how_it_stands_and_nothing_about_a_person(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    sale_id = (await client.post("/v1/checkout/sessions", json=order_body())).json()["sale_id"]
    name = SubscriptionId("sub_1")
    store.tables.subscriptions[name] = Subscription(
        id=name,
        status=SubscriptionStatus.ACTIVE,
        reported_at=NOON,
        sale_id=sale_id,
        current_period_end=NOON + timedelta(days=30),
    )
    tracking = Tracking(carrier="DHL", number="1Z", url="https://track.test/1Z")
    store.tables.shipments[sale_id] = Shipment(sale_id=sale_id).reported(
        Progress.SHIPPED, NOON, tracking=tracking
    )
    answer = await client.get(f"/v1/sales/{sale_id}")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "id": sale_id,
        "version": 1,
        "created_at": "2026-11-23T12:00:00Z",
        "status": "in_progress",
        "payment": "card",
        "total": 64_600,
        "currency": "eur",
        "total_details": None,
        "lines": [
            {
                "product": "sensor",
                "kind": "device",
                "name": "Sensor",
                "quantity": 3,
                "unit_amount": 19_900,
                "interval": None,
                "interval_count": 1,
                "trial_days": 0,
            },
            {
                "product": "plan",
                "kind": "subscription",
                "name": "Plan",
                "quantity": 1,
                "unit_amount": 4_900,
                "interval": "month",
                "interval_count": 1,
                "trial_days": 0,
            },
        ],
        "account": "none",
        "introduced": False,
        "documents": [],
        "continue_url": f"http://api.test/v1/sales/{sale_id}/continue",
        "withdraw_until": None,
        "subscription": {"status": "active", "current_period_end": "2026-12-23T12:00:00Z", "cancel_at": None},
        "shipment": {
            "status": "shipped",
            "carrier": "DHL",
            "tracking_number": "1Z",
            "tracking_url": "https://track.test/1Z",
        },
        "shipments": [
            {
                "status": "shipped",
                "carrier": "DHL",
                "tracking_number": "1Z",
                "tracking_url": "https://track.test/1Z",
            }
        ],
    }


async def test_a_sale_shows_its_parcels_oldest_first_and_what_is_sent_again(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    sale_id = (await client.post("/v1/checkout/sessions", json=order_body())).json()["sale_id"]
    sent = Shipment(sale_id=sale_id, asked=True)
    for number, at in (("P2", 5), ("P1", 1)):
        tracking = Tracking(carrier="DHL", number=number)
        sent = sent.reported(Progress.SHIPPED, NOON + timedelta(hours=at), parcel=number, tracking=tracking)
    sent = sent.reported(Progress.RETURNED, NOON + timedelta(hours=9), parcel="P2", tracking=Tracking())
    store.tables.shipments[sale_id] = sent.again(NOON + timedelta(hours=12))
    shown = (await client.get(f"/v1/sales/{sale_id}")).json()
    assert [(one["status"], one["tracking_number"]) for one in shown["shipments"]] == [
        ("shipped", "P1"),
        ("returned", "P2"),
        ("requested", None),
    ]
    assert shown["shipment"]["status"] == "requested"


@pytest.mark.parametrize(
    "path",
    ["/v1", "/v1/sales/", "/v1/sales/x", "/v1/sales/sale_aaaaaaaaaaaaaaaaaaaaaaaaaa", "/v1/sales/%00",
     "/v1/sales/%ff", "/v1/sales/a%2Fb", "/v1/sales/" + "a" * 5000, "/problems/none", "/webhooks", "/webhooks/paypal",
     "/../etc/passwd", "/docs/page.py", "/%2e%2e"],
)  # fmt: skip
async def test_what_is_not_there_is_a_problem_of_that_kind(client: httpx.AsyncClient, path: str) -> None:
    assert problem_of(await client.get(path)) == (404, "not-found")


async def test_another_method_is_told_which_ones_there_are(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/v1/checkout/sessions")
    assert problem_of(answer) == (405, "method-not-allowed")
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nonsense", b"\xff", b'{"name":"\xff"}', b'{"name":"\\ud800"}',
     b"[" * 60_000, b'{"a":1e999}', b"{} {}", b"NaN"],
)  # fmt: skip
async def test_a_body_that_is_not_json_is_malformed(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/v1/checkout/sessions", content=body, headers=JSON)
    assert problem_of(answer) == (400, "malformed-body")


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp", "json"]
)
async def test_another_content_type_is_not_supported(client: httpx.AsyncClient, media_type: str) -> None:
    answer = await client.post("/v1/checkout/sessions", content=b"{}", headers={"content-type": media_type})
    assert problem_of(answer) == (415, "unsupported-media-type")


async def test_an_order_has_an_upper_size_however_it_is_declared(client: httpx.AsyncClient) -> None:
    async def chunked() -> AsyncIterator[bytes]:
        yield b" " * (LIMIT + 1)

    for body in (b" " * (LIMIT + 1), chunked()):
        answer = await client.post("/v1/checkout/sessions", content=body, headers=JSON)
        assert problem_of(answer) == (413, "too-large")


async def test_a_bug_of_ours_is_a_problem_without_a_traceback_or_a_name(
    client: httpx.AsyncClient, payments: OnePagePerAttempt, caplog: pytest.LogCaptureFixture
) -> None:
    payments.fault = KeyError("Ada Lovelace")
    answer = await client.post("/v1/checkout/sessions", json=order_body())
    assert problem_of(answer) == (500, "internal")
    assert "Traceback" not in answer.text
    assert "Lovelace" not in answer.text + caplog.text
    assert "KeyError" in caplog.text


async def test_a_storefront_on_another_origin_may_call_and_read_refusals(client: httpx.AsyncClient) -> None:
    asking = {
        "origin": "http://shop.test",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,idempotency-key",
    }
    preflight = await client.options("/v1/checkout/sessions", headers=asking)
    assert preflight.headers["access-control-allow-origin"] == "http://shop.test"
    assert "idempotency-key" in preflight.headers["access-control-allow-headers"]
    refused = await client.post("/v1/checkout/sessions", json={}, headers={"origin": "http://shop.test"})
    assert problem_of(refused) == (422, "validation")
    assert refused.headers["access-control-allow-origin"] == "http://shop.test"


async def test_an_unknown_origin_may_not(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/products", headers={"origin": "http://evil.test"})
    assert "access-control-allow-origin" not in answer.headers


async def test_the_docs_need_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    loaded = re.findall(r'(?:src|href)="(/docs/[^"]+)"', page.text)
    parts = [await client.get(link) for link in loaded]
    imported = {name for part in parts for name in re.findall(r'from "\./(\w+\.js)"', part.text)}
    parts += [await client.get(f"/docs/{name}") for name in imported]
    assert [part.status_code for part in parts] == [200] * 4
    assert not any(
        re.search(r"https?://|innerHTML|\son[a-z]+=|style=\"", part.text) for part in (page, *parts)
    )


async def test_every_problem_is_explained_where_its_type_leads(client: httpx.AsyncClient) -> None:
    for word, kind in KINDS.items():
        answer = await client.get(kind.type)
        assert (answer.status_code, kind.title in answer.text) == (200, True), word


async def test_the_service_is_alive_and_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/livez")).json() == {"status": "ok", "checks": {}}
    assert (await client.get("/readyz")).json() == {"status": "ok", "checks": {"background": "ok"}}
    numbers = await client.get("/metrics")
    assert numbers.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_the_description_knows_every_route_and_no_other(
    settings: CheckoutApiSettings, world: Adapters
) -> None:
    service = build(settings, world, Metrics())
    described = {operation.path for operation in OPERATIONS}
    page = {f"/docs/{name}" for name in ("page.css", "page.js", "parts.js", "try.js")}
    undescribed = {"/openapi.json", "/docs", *page}
    assert {route.path_format for route in service.routes} == described | undescribed


def test_every_reference_of_the_description_leads_somewhere() -> None:
    description = document("http://api.test")
    references = set(re.findall(r"'\$ref': '#/([^']+)'", str(description)))
    assert references
    for reference in references:
        at = description
        for step in reference.split("/"):
            at = at[step]


def test_the_description_of_an_order_is_the_one_that_checks_it() -> None:
    shapes = document("http://api.test")["components"]["schemas"]
    assert shapes["OrderForm"]["required"] == ["line_items", "organisation", "name", "email"]
    quantity = shapes["LineItem"]["properties"]["quantity"]
    assert (quantity["minimum"], quantity["maximum"]) == (1, 1000)

"""checkout-api talks to Stripe itself, as the sandbox plays it: one session for a sale, also after Stripe was away."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import httpx
import msgspec
import pytest

from checkout_api.dependencies import Adapters
from checkout_api.lazy_stripe import LazyStripe
from checkout_api.settings import CheckoutApiSettings
from checkout_api.testing.orders import CATALOGUE, PLAN, order_body
from checkout_api.testing.running_app import alive, problem_of
from checkout_api.testing.tcp_proxy import TcpProxy
from egpay.domain.catalogue import Product
from egpay.testing.memory import MemoryStore
from egpay_sandbox.app import build
from egpay_sandbox.config import Config
from egpay_sandbox.testing.serving import free_socket, served

URL = "http://api.test"

pytestmark = pytest.mark.integration


@dataclass(frozen=True, slots=True)
class Shop:
    """The service, the sandbox behind it, and the road between the two."""

    client: httpx.AsyncClient
    sandbox: httpx.AsyncClient
    road: TcpProxy

    async def order(self, key: str = "key-1", **changes: Any) -> httpx.Response:
        return await self.client.post(
            "/v1/checkout/sessions", json=order_body(**changes), headers={"idempotency-key": key}
        )

    async def sessions(self) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = (await self.sandbox.get("/sandbox/truth")).json()["sessions"]
        return told


async def made(sandbox: httpx.AsyncClient, product: Product) -> str:
    """Make the product's price at Stripe, as `egpay catalogue apply` would."""
    form: dict[str, Any] = {
        "currency": product.currency,
        "unit_amount": product.unit_amount,
        "product_data[name]": product.name,
        **({"recurring[interval]": product.interval.value} if product.interval else {}),
    }
    headers = {"authorization": "Bearer sk_test_unused"}
    return str((await sandbox.post("/v1/prices", data=form, headers=headers)).json()["id"])


@pytest.fixture
async def shop(settings: CheckoutApiSettings, world: Adapters, store: MemoryStore) -> AsyncIterator[Shop]:
    socket, url = free_socket()
    standin = build(Config(port=0, smtp_port=0, public_url=url, webhook_url=None))
    road = TcpProxy(url)
    async with served(standin, socket), httpx.AsyncClient(base_url=url, trust_env=False) as sandbox:
        await road.open()
        store.tables.prices.update({product.id: await made(sandbox, product) for product in CATALOGUE})
        stripe = LazyStripe(msgspec.structs.replace(settings, stripe_api_base=road.url))
        async with (
            alive(
                settings,
                replace(world, create_customer=stripe.create_customer, open_checkout=stripe.open_checkout),
            ) as app,
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client,
        ):
            yield Shop(client, sandbox, road)
        await stripe.aclose()
        await road.close()


async def test_the_page_of_an_order_is_a_session_that_leads_back_to_the_sale(
    shop: Shop, store: MemoryStore
) -> None:
    told = (await shop.order()).json()
    [session] = await shop.sessions()
    assert (session["id"], session["metadata"]) == (told["checkout_session_id"], {"sale_id": told["sale_id"]})
    assert (session["client_reference_id"], session["amount_total"]) == (told["sale_id"], 64_600)
    page = await shop.sandbox.get(told["checkout_url"])
    assert page.status_code == 200
    assert "#" in told["checkout_url"]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_answer_that_stripe_did_not_give_is_asked_for_again_with_the_same_key(
    shop: Shop, store: MemoryStore, when: str
) -> None:
    await shop.sandbox.post("/sandbox/outage", json={"answer": 503, "when": when, "calls": 3})
    refused = await shop.order()
    assert problem_of(refused) == (503, "payment-provider")
    assert refused.headers["retry-after"]
    [kept] = store.tables.sales
    continued = await shop.order()
    [session] = await shop.sessions()
    assert (continued.json()["sale_id"], continued.json()["checkout_session_id"]) == (kept, session["id"])


async def test_a_stripe_that_cannot_be_reached_costs_no_sale(shop: Shop, store: MemoryStore) -> None:
    await shop.road.close()
    assert problem_of(await shop.order()) == (503, "payment-provider")
    [kept] = store.tables.sales
    await shop.road.open()
    assert (await shop.order()).json()["sale_id"] == kept
    assert len(await shop.sessions()) == 1


async def test_what_stripe_refuses_is_a_502_and_its_parameter_is_on_the_timeline(
    shop: Shop, store: MemoryStore
) -> None:
    store.tables.prices.update(dict.fromkeys(store.tables.prices, "price_gone"))
    refused = await shop.order()
    assert problem_of(refused) == (502, "payment-provider")
    assert "retry-after" not in refused.headers
    assert "resource_missing" in refused.json()["detail"]
    assert any(
        "resource_missing line_items[0][price]" in line.what for line in store.tables.timeline.values()
    )


async def test_a_refusal_that_ends_leaves_the_order_to_be_continued(shop: Shop) -> None:
    await shop.sandbox.post(
        "/sandbox/refusal", json={"code": "url_invalid", "param": "success_url", "calls": 1}
    )
    assert problem_of(await shop.order()) == (502, "payment-provider")
    assert (await shop.order()).status_code == 201


async def test_a_trial_is_a_page_on_which_nothing_is_due(shop: Shop, store: MemoryStore) -> None:
    plan = store.tables.products[PLAN.id]
    store.tables.products[PLAN.id] = msgspec.structs.replace(plan, trial_days=14)
    await shop.order(line_items=[{"product": "plan", "quantity": 1}])
    [session] = await shop.sessions()
    [sale] = store.tables.sales.values()
    assert (session["amount_total"], sale.total) == (0, 0)

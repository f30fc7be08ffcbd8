"""The known customer: an order uses it again only with the token that the billing portal led its owner back with."""

import re
from typing import Any

import httpx
import pytest

from checkout_api.testing.doubles import NOON, OnePagePerAttempt, StandingClock
from checkout_api.testing.orders import order_body
from checkout_api.testing.running_app import problem_of
from egpay.domain.account import open_account, token_hash
from egpay.domain.portal_link import LINK_LIFETIME, PortalLinkId
from egpay.domain.sale import SaleStatus, SessionProgress
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import CustomerId, EmailKey, SaleId, SubscriptionId
from egpay.testing.builders import order, sale
from egpay.testing.memory import MemoryStore
from egpay.testing.memory.store import RequestedLink

ADA = EmailKey("ada@example.com")
KNOWN = CustomerId("cus_known")
LINK_TOKEN = "the-token-of-the-link"
SENSORS = [{"product": "sensor", "quantity": 2}]


@pytest.fixture(autouse=True)
def subscribed(store: MemoryStore) -> None:
    """Ada's organisation Acme GmbH has a subscription that was bought in euros."""
    name = SubscriptionId("sub_1")
    ada = open_account(organisation="Acme GmbH", name="Ada", email=ADA, key=ADA, opened_by=name)
    placed = order(organisation="Acme GmbH", email=ADA)
    bought = sale(placed, status=SaleStatus.PAID, subscription_id=name, paid_at=NOON)
    store.tables.sales[bought.id], store.tables.orders[bought.id] = bought, placed
    store.tables.accounts[ada.organisation.id] = ada
    store.tables.subscriptions[name] = Subscription(
        id=name,
        status=SubscriptionStatus.ACTIVE,
        reported_at=NOON,
        customer_id=KNOWN,
        sale_id=bought.id,
        organisation_id=ada.organisation.id,
        welcomed=True,
    )


async def led_back(client: httpx.AsyncClient, store: MemoryStore) -> str:
    """Opens the portal by a link from the mailbox; returns the token that the way back holds."""
    store.tables.portal_links[PortalLinkId("link_1")] = RequestedLink(
        ADA, NOON, token_hash(LINK_TOKEN), NOON + LINK_LIFETIME
    )
    opened = await client.get(f"/v1/billing-portal/sessions/{LINK_TOKEN}")
    return opened.headers["location"].rpartition("#")[2]


async def order_more(
    client: httpx.AsyncClient, token: str | None, key: str | None = None, **changes: Any
) -> httpx.Response:
    body = order_body(line_items=SENSORS, customer_token=token or ..., **changes)
    headers = {} if key is None else {"idempotency-key": key}
    return await client.post("/v1/checkout/sessions", json=body, headers=headers)


async def test_an_order_with_the_token_is_paid_by_the_known_customer_and_makes_none(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    token = await led_back(client, store)
    assert (await order_more(client, token)).status_code == 201
    assert (payments.used, payments.known, payments.customers) == ([KNOWN], [KNOWN], [])
    assert store.tables.customers == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "grace@example.com"},
        {"organisation": "Acme Holding"},
        {"organisation": "Acme Holding", "another_organisation": True},
        {"line_items": [{"product": "hub-us", "quantity": 1}]},
    ],
    ids=["another e-mail", "another organisation", "one more organisation", "another currency"],
)
async def test_the_token_is_of_no_use_for_another_email_organisation_or_currency(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt, changes: dict[str, Any]
) -> None:
    token = await led_back(client, store)
    body = {**order_body(line_items=SENSORS, customer_token=token), **changes}
    assert (await client.post("/v1/checkout/sessions", json=body)).status_code == 201
    assert (payments.known, len(payments.customers)) == ([], 1)


async def test_an_email_alone_a_guess_and_the_links_own_token_prove_nothing(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    await led_back(client, store)
    for number, token in enumerate((None, "x" * 43, LINK_TOKEN.ljust(43, "x"))):
        lines = [{"product": "sensor", "quantity": number + 1}]
        body = order_body(line_items=lines, customer_token=token or ...)
        assert (await client.post("/v1/checkout/sessions", json=body)).status_code == 201
    assert payments.known == []
    assert problem_of(await order_more(client, LINK_TOKEN)) == (422, "validation")


async def test_a_token_that_is_over_is_an_order_like_any_other(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt, clock: StandingClock
) -> None:
    token = await led_back(client, store)
    clock.forward(minutes=60)
    assert (await order_more(client, token)).status_code == 201
    assert (payments.known, len(payments.customers)) == ([], 1)


async def test_a_stranger_who_types_the_same_order_gets_a_page_of_his_own(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    token = await led_back(client, store)
    own = (await order_more(client, token)).json()
    strangers = (await order_more(client, None)).json()
    assert strangers["checkout_url"] != own["checkout_url"]
    assert payments.used == [KNOWN, f"cus_{strangers['sale_id']}_1"]
    again = (await order_more(client, token)).json()
    assert again["checkout_url"] == own["checkout_url"]


async def test_a_key_that_leads_to_the_owners_page_wants_the_token_too(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    token = await led_back(client, store)
    await order_more(client, token, "key-1")
    assert problem_of(await order_more(client, None, "key-1")) == (422, "idempotency-mismatch")


async def test_a_later_page_of_the_order_is_the_known_customers_too(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt, clock: StandingClock
) -> None:
    token = await led_back(client, store)
    sale_id = SaleId((await order_more(client, token, "key-1")).json()["sale_id"])
    opened = store.tables.sales[sale_id]
    assert opened.checkout_session_id
    store.tables.sales[sale_id] = opened.session_reached(opened.checkout_session_id, SessionProgress.EXPIRED)
    clock.forward(days=2)
    assert (await client.get(f"/v1/sales/{sale_id}/continue")).status_code == 303
    assert (await order_more(client, token, "key-1")).status_code == 201
    assert (payments.known, payments.customers) == ([KNOWN, KNOWN], [])


async def test_a_subscription_of_the_same_organisation_stays_refused(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    token = await led_back(client, store)
    body = order_body(customer_token=token)
    assert problem_of(await client.post("/v1/checkout/sessions", json=body)) == (409, "already-subscribed")


async def test_the_token_is_stored_as_a_hash_and_is_not_the_links(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    token = await led_back(client, store)
    assert re.fullmatch(r"[\w-]{43}", token)
    assert token not in str(store.tables.portal_links)
    assert token != LINK_TOKEN

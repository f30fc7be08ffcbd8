"""`/v1/billing-portal/sessions`: anybody may ask, only the owner's mailbox gets a link, and it opens the portal once."""

from typing import Any

import httpx
import msgspec
import pytest

from checkout_api.dependencies import Adapters
from checkout_api.settings import CheckoutApiSettings
from checkout_api.testing.doubles import NOON, OnePagePerAttempt, StandingClock
from checkout_api.testing.orders import order_body
from checkout_api.testing.running_app import alive, problem_of
from egpay.adapters.wire import read_command
from egpay.domain.account import open_account, token_hash
from egpay.domain.commands import SendPortalLink
from egpay.domain.errors import Defect, Outage
from egpay.domain.portal_link import LINK_LIFETIME, PortalLinkId
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import CustomerId, EmailKey, SubscriptionId
from egpay.testing.memory import MemoryStore
from egpay.testing.memory.store import RequestedLink

PORTAL = "/v1/billing-portal/sessions"
ADA = EmailKey("ada@example.com")
TOKEN = "tok-en_1"


def subscribe(store: MemoryStore) -> None:
    """Ada's account with a subscription that goes on."""
    name = SubscriptionId("sub_1")
    ada = open_account(organisation="Acme", name="Ada", email="ada@example.com", key=ADA, opened_by=name)
    store.tables.accounts[ada.organisation.id] = ada
    store.tables.subscriptions[name] = Subscription(
        id=name,
        status=SubscriptionStatus.PAST_DUE,
        reported_at=NOON,
        customer_id=CustomerId("cus_1"),
        organisation_id=ada.organisation.id,
        welcomed=True,
    )


def issue(store: MemoryStore) -> str:
    """A link as the worker issues it; returns its path."""
    store.tables.portal_links[PortalLinkId("link_1")] = RequestedLink(
        ADA, NOON, token_hash(TOKEN), NOON + LINK_LIFETIME
    )
    return f"{PORTAL}/{TOKEN}"


async def test_the_answer_is_the_same_whether_the_email_is_known_or_not(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    subscribe(store)
    answers = [
        await client.post(PORTAL, json={"email": who}) for who in ("ada@example.com", "grace@example.com")
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert len({answer.text for answer in answers}) == 1
    assert len({str(answer.headers) for answer in answers}) == 1
    assert len(store.tables.portal_links) == len(store.tables.outbox) == 2


async def test_a_request_is_a_command_that_names_no_person(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    await client.post(PORTAL, json={"email": " ADA@Example.com"})
    [(link, row)] = store.tables.portal_links.items()
    [message] = store.tables.outbox.values()
    command = read_command(message.payload)
    assert isinstance(command, SendPortalLink)
    assert (command.link_id, row.email_key) == (link, "ada@example.com")
    assert b"ada@" not in message.payload.lower()


@pytest.mark.parametrize(
    "body",
    [{}, {"email": ""}, {"email": "x"}, {"email": 1}, {"email": "a@b\n"}, {"email": "a@b.c", "more": 1}, []],
)
async def test_what_is_no_request_is_refused_and_stores_nothing(
    client: httpx.AsyncClient, store: MemoryStore, body: Any
) -> None:
    assert problem_of(await client.post(PORTAL, json=body)) == (422, "validation")
    assert (store.tables.portal_links, store.tables.outbox) == ({}, {})


async def test_a_refused_order_says_where_its_owner_asks_for_a_link(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    subscribe(store)
    refused = await client.post("/v1/checkout/sessions", json=order_body())
    assert problem_of(refused) == (409, "already-subscribed")
    assert refused.json()["manage_url"] == f"http://api.test{PORTAL}"
    other = await client.post("/v1/checkout/sessions", json=order_body(email="no"))
    assert "manage_url" not in other.json()


async def test_a_link_opens_a_fresh_portal_once_and_then_tells_nothing(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    subscribe(store)
    path = issue(store)
    opened = await client.get(path)
    assert opened.status_code == 303
    assert opened.headers["location"].startswith("https://billing.test/cus_1/portal:link_1:")
    assert (opened.headers["cache-control"], opened.headers["referrer-policy"]) == ("no-store", "no-referrer")
    again, unknown = await client.get(path), await client.get(f"{PORTAL}/{'x' * 43}")
    assert problem_of(again) == problem_of(unknown) == (410, "link-gone")
    assert again.json() == unknown.json()


async def test_a_browser_gets_a_page_in_place_of_the_problem(client: httpx.AsyncClient) -> None:
    page = await client.get(f"{PORTAL}/unknown", headers={"accept": "text/html,*/*;q=0.8"})
    assert (page.status_code, page.headers["content-type"]) == (410, "text/html; charset=utf-8")
    assert page.headers["content-security-policy"] == "default-src 'none'"
    assert "ask for a new one" in page.text
    assert '<a href="http://shop.test/">To the store</a>' in page.text
    german = {"accept": "text/html", "accept-language": "fr, de-AT;q=0.9, en;q=0.8"}
    assert "funktioniert nicht" in (await client.get(f"{PORTAL}/unknown", headers=german)).text


async def test_a_link_ends_after_half_an_hour(
    client: httpx.AsyncClient, store: MemoryStore, clock: StandingClock
) -> None:
    subscribe(store)
    path = issue(store)
    clock.forward(minutes=30)
    assert problem_of(await client.get(path)) == (410, "link-gone")


@pytest.mark.parametrize(
    ("fault", "status"), [(Outage("Stripe is down"), 503), (Defect("Stripe refuses"), 502)]
)
async def test_a_link_that_the_provider_did_not_open_works_again(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt, fault: Exception, status: int
) -> None:
    subscribe(store)
    path = issue(store)
    payments.fault = fault
    assert problem_of(await client.get(path)) == (status, "payment-provider")
    payments.fault = None
    assert (await client.get(path)).status_code == 303


async def test_a_link_of_an_ended_subscription_opens_nothing(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    subscribe(store)
    path = issue(store)
    [(name, known)] = store.tables.subscriptions.items()
    store.tables.subscriptions[name] = msgspec.structs.replace(known, status=SubscriptionStatus.CANCELED)
    assert problem_of(await client.get(path)) == (410, "link-gone")


async def test_an_address_that_asks_too_often_is_told_when_to_go_on(
    settings: CheckoutApiSettings, world: Adapters
) -> None:
    limited = msgspec.structs.replace(settings, checkout_rate_limit=60)
    async with (
        alive(limited, world) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api.test") as client,
    ):
        answers = [await client.post(PORTAL, json={"email": f"a{n}@example.com"}) for n in range(11)]
    assert [answer.status_code for answer in answers] == [202] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_neither_token_nor_email_reaches_a_log(
    client: httpx.AsyncClient,
    store: MemoryStore,
    payments: OnePagePerAttempt,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    subscribe(store)
    path = issue(store)
    await client.post(PORTAL, json={"email": "ada@example.com"})
    for fault in (Outage("down"), Defect("refused"), ValueError("tok-en_1 of ada@example.com")):
        payments.fault = fault
        await client.get(path)
        store.tables.portal_links.clear()
        path = issue(store)
    store.away = True
    await client.get(path)
    told = "".join(
        record.getMessage() + str(vars(record)) for record in caplog.records if record.name != "httpx"
    )
    assert told
    assert not any(word in told for word in ("tok-en_1", "ada@"))

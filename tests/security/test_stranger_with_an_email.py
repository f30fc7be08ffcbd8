"""A stranger who knows an owner's e-mail, on a running system: the owner's page stays open, and nothing is shown."""

import asyncio
import itertools
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

import httpx
from egpay_system import EgpaySystem, order, until

T = TypeVar("T")
ORDERS, REFUSALS, LINKS = 200, 400, 400
"""A thousand tries: at the owner's open page, at his subscription, and at his billing portal."""
OWNER = {
    "organisation": "Quayside Rowing Club",
    "name": "Orla Quayside",
    "billing_email": "ledger@quayside.example",
    "shipping_address": {
        "line1": "77 Quayside Row",
        "city": "Dublin",
        "postal_code": "D02 XE80",
        "country": "IE",
    },
}
OF_THE_OWNER = ("Quayside", "ledger@", "Orla")


def tries(email: str) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Orders that a stranger may place: other carts, names and organisations, with and without keys."""
    for number in itertools.count(1):
        cart = [{"product": "sensor", "quantity": number % 900 + 1}]
        if number % 3:
            cart.append({"product": "monitoring-monthly", "quantity": number % 7 + 1})
        spelt = email.upper() if number % 2 else f" {email} "
        key = secrets.token_hex(8) if number % 5 else None
        yield order(email=spelt, line_items=cart, organisation=f"Stranger {number % 11}", name="M"), key


async def place_orders(egpay: EgpaySystem, orders: Iterator[tuple[dict[str, Any], str | None]]) -> list[str]:
    """Places the strangers' orders, eight at a time; returns the pages that were opened."""

    async def place(client: httpx.AsyncClient, body: dict[str, Any], key: str | None) -> str:
        headers = {"idempotency-key": key} if key else {}
        answer = await client.post("/v1/checkout/sessions", json=body, headers=headers)
        assert answer.status_code == 201, answer.text
        assert not shows_the_owner(answer.text)
        return str(answer.json()["checkout_url"])

    return await eight_at_a_time(egpay, (partial(place, body=body, key=key) for body, key in orders))


async def knock(egpay: EgpaySystem, path: str, bodies: Iterable[dict[str, Any]]) -> set[tuple[int, str]]:
    """Posts each body, eight at a time; returns the different answers."""

    async def post(client: httpx.AsyncClient, body: dict[str, Any]) -> tuple[int, str]:
        answer = await client.post(path, json=body)
        return answer.status_code, answer.text

    return set(await eight_at_a_time(egpay, (partial(post, body=body) for body in bodies)))


async def eight_at_a_time(
    egpay: EgpaySystem, tries: Iterable[Callable[[httpx.AsyncClient], Awaitable[T]]]
) -> list[T]:
    turn = asyncio.Semaphore(8)

    async def attempt(one: Callable[[httpx.AsyncClient], Awaitable[T]]) -> T:
        async with turn:
            return await one(client)

    async with httpx.AsyncClient(base_url=egpay.api, trust_env=False, timeout=60) as client:
        return await asyncio.gather(*(attempt(one) for one in tries))


def shows_the_owner(text: str) -> bool:
    return any(word in text for word in OF_THE_OWNER)


async def test_a_strangers_tries_neither_close_the_owners_page_nor_show_anything_of_the_owner(
    dirty_system: EgpaySystem, report: list[str]
) -> None:
    egpay, email = dirty_system, f"owner.{secrets.token_hex(4)}@quay.example"
    own = egpay.order(email=email, **OWNER)
    pages = await place_orders(egpay, itertools.islice(tries(email), ORDERS))
    assert len(set(pages)) == ORDERS
    assert own["checkout_url"] not in pages
    for page in pages[:: max(1, len(pages) // 20)]:
        assert not shows_the_owner(egpay.browser.get(page).raise_for_status().text)

    assert egpay.order(email=email, **OWNER) == own
    paid = f"{egpay.sandbox}/sandbox/sessions/{own['checkout_session_id']}/pay"
    egpay.browser.post(paid, json={}).raise_for_status()
    until(lambda: egpay.sale(own["sale_id"])["status"] == "paid", what="the owner's page is not payable")
    until(lambda: egpay.letters(email), what="no introduction")
    at_the_subscription = ({**body, **cart()} for body, _ in itertools.islice(tries(email), REFUSALS))
    [(status, refusal)] = await knock(egpay, "/v1/checkout/sessions", at_the_subscription)
    assert (status, json.loads(refusal)["type"]) == (409, "/problems/already-subscribed")
    asked = ({"email": email if number % 2 else f"{number}.{email}"} for number in range(LINKS))
    [(status, link)] = await knock(egpay, "/v1/billing-portal/sessions", asked)
    assert status == 202
    for text in (refusal, link):
        assert not shows_the_owner(text)
        assert email not in text
    report.append(
        f"a stranger's tries at one e-mail: {ORDERS + REFUSALS + LINKS}, nothing shown, nothing closed"
    )


def cart() -> dict[str, Any]:
    return {"line_items": [{"product": "monitoring-monthly", "quantity": 1}]}


def ask_for_a_link(egpay: EgpaySystem, email: str) -> httpx.Response:
    return egpay.browser.post(f"{egpay.api}/v1/billing-portal/sessions", json={"email": email})


def links(egpay: EgpaySystem, email: str) -> list[str]:
    """The links to the billing portal in this mailbox."""
    words = " ".join(letter["text"] for letter in egpay.letters(email, "portal")).split()
    return [word for word in words if "/v1/billing-portal/sessions/" in word]


async def test_a_link_to_the_portal_reaches_the_owner_alone_and_opens_it_once(
    dirty_system: EgpaySystem,
) -> None:
    egpay, email = dirty_system, f"owner.{secrets.token_hex(4)}@quay.example"
    stranger = f"stranger.{secrets.token_hex(4)}@quay.example"
    own = egpay.order(email=email, **OWNER)
    paid = f"{egpay.sandbox}/sandbox/sessions/{own['checkout_session_id']}/pay"
    egpay.browser.post(paid, json={}).raise_for_status()
    until(lambda: egpay.letters(email), what="no introduction")
    answers = [ask_for_a_link(egpay, who) for who in (email, stranger, email.upper())]
    assert [answer.status_code for answer in answers] == [202] * 3
    assert len({answer.text for answer in answers}) == 1
    async with asyncio.timeout(20):
        while await waiting(egpay, email, stranger):
            await asyncio.sleep(0.05)
    [link] = until(lambda: links(egpay, email), what="no link")
    opened = egpay.browser.get(link)
    assert opened.status_code == 303
    portal = egpay.browser.get(opened.headers["location"]).raise_for_status().text
    assert "Billing" in portal
    [back] = re.findall(r"#customer_token=([\w-]{43})", portal)
    again = egpay.browser.get(link)
    assert (again.status_code, again.json()["type"]) == (410, "/problems/link-gone")
    assert links(egpay, stranger) == []
    logs = "".join(path.read_text() for path in egpay.supervisor.logs.iterdir())
    assert link.rpartition("/")[2] not in logs
    assert back not in logs
    assert email not in logs


async def waiting(egpay: EgpaySystem, *emails: str) -> bool:
    """Whether a request of these e-mails has led neither to a link nor to nothing yet."""
    query = "SELECT 1 FROM portal_links WHERE email_key = ANY($1) AND token_hash IS NULL"
    return bool(await egpay.ask(query, list(emails)))

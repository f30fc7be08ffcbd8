"""A stranger who knows an owner's e-mail, on a running system: the owner's page stays open, and nothing is shown."""

import asyncio
import itertools
import secrets
import time
from collections.abc import Iterator
from typing import Any

import httpx
from egpay_system import EgpaySystem, order, until

SECONDS = 4.0
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


async def keep_trying(egpay: EgpaySystem, orders: Iterator[tuple[dict[str, Any], str | None]]) -> list[str]:
    """One stranger's tries until the time is over; returns the pages that were opened."""
    pages, end = [], time.monotonic() + SECONDS
    async with httpx.AsyncClient(base_url=egpay.api, trust_env=False, timeout=30) as client:
        while time.monotonic() < end:
            body, key = next(orders)
            headers = {"idempotency-key": key} if key else {}
            answer = await client.post("/v1/checkout/sessions", json=body, headers=headers)
            assert answer.status_code == 201, answer.text
            assert not shows_the_owner(answer.text)
            pages.append(answer.json()["checkout_url"])
    return pages


def shows_the_owner(text: str) -> bool:
    return any(word in text for word in OF_THE_OWNER)


async def test_a_strangers_tries_neither_close_the_owners_page_nor_show_anything_of_the_owner(
    dirty_system: EgpaySystem, report: list[str]
) -> None:
    egpay, email = dirty_system, f"owner.{secrets.token_hex(4)}@quay.example"
    own = egpay.order(email=email, **OWNER)
    orders = tries(email)
    found = await asyncio.gather(*(keep_trying(egpay, orders) for _ in range(4)))
    pages = [page for some in found for page in some]
    report.append(f"a stranger's tries at one e-mail in {SECONDS:.0f} s: {len(pages)}")
    assert len(set(pages)) == len(pages) > 20
    assert own["checkout_url"] not in pages
    for page in pages[:: max(1, len(pages) // 20)]:
        assert not shows_the_owner(egpay.browser.get(page).raise_for_status().text)

    assert egpay.order(email=email, **OWNER) == own
    paid = f"{egpay.sandbox}/sandbox/sessions/{own['checkout_session_id']}/pay"
    egpay.browser.post(paid, json={}).raise_for_status()
    until(lambda: egpay.sale(own["sale_id"])["status"] == "paid", what="the owner's page is not payable")
    until(lambda: egpay.letters(email), what="no introduction")
    refused = egpay.browser.post(f"{egpay.api}/v1/checkout/sessions", json=next(orders)[0] | cart())
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/already-subscribed")
    assert not shows_the_owner(refused.text)
    assert email not in refused.text


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
    assert "Billing" in egpay.browser.get(opened.headers["location"]).raise_for_status().text
    again = egpay.browser.get(link)
    assert (again.status_code, again.json()["type"]) == (410, "/problems/link-gone")
    assert links(egpay, stranger) == []
    logs = "".join(path.read_text() for path in egpay.supervisor.logs.iterdir())
    assert link.rpartition("/")[2] not in logs
    assert email not in logs


async def waiting(egpay: EgpaySystem, *emails: str) -> bool:
    """Whether a request of these e-mails has led neither to a link nor to nothing yet."""
    query = "SELECT 1 FROM portal_links WHERE email_key = ANY($1) AND token_hash IS NULL"
    return bool(await egpay.ask(query, list(emails)))

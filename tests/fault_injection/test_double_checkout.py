"""Scenario 9 on real servers: one order has one open page, however often it is sent; another has a page beside it."""

import asyncio
import secrets
from functools import partial
from typing import Any

import httpx
import pytest
from egpay_system import EgpaySystem, order, until
from webhook_sender import StripeBuyer, post_webhook


def an_email() -> str:
    return f"twice.{secrets.token_hex(4)}@harbour.example"


def cart(number: int) -> list[dict[str, Any]]:
    return [{"product": "sensor", "quantity": number}, {"product": "monitoring-monthly", "quantity": 1}]


async def post(egpay: EgpaySystem, *orders: tuple[str | None, dict[str, Any]]) -> list[httpx.Response]:
    """All at once, each on a connection of its own."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        return await asyncio.gather(
            *(
                client.post(
                    f"{egpay.api}/v1/checkout/sessions",
                    json=body,
                    headers={"idempotency-key": key} if key else {},
                )
                for key, body in orders
            )
        )


def pages(egpay: EgpaySystem, sale_ids: set[str]) -> dict[str, list[str]]:
    """The sessions that Stripe knows of these sales, by how they stand."""
    truth = egpay.browser.get(f"{egpay.sandbox}/sandbox/truth").json()["sessions"]
    found: dict[str, list[str]] = {}
    for session in truth:
        if session["client_reference_id"] in sale_ids:
            found.setdefault(session["status"], []).append(session["id"])
    return found


async def sales_to(egpay: EgpaySystem, email: str) -> dict[str, str]:
    rows = await egpay.ask("SELECT id, status FROM sales WHERE email_key = $1", email.casefold())
    return {row["id"]: row["status"] for row in rows}


async def test_eight_posts_with_one_key_are_one_sale_and_one_session(dirty_system: EgpaySystem) -> None:
    email, key = an_email(), secrets.token_hex(8)
    answers = await post(dirty_system, *[(key, order(email=email))] * 8)
    assert {answer.status_code for answer in answers} <= {201, 409}
    [late] = await post(dirty_system, (key, order(email=email)))
    told = {answer.text for answer in (*answers, late) if answer.status_code == 201}
    assert (late.status_code, len(told)) == (201, 1)
    sales = await sales_to(dirty_system, email)
    assert list(sales.values()) == ["in_progress"]
    assert {status: len(ids) for status, ids in pages(dirty_system, set(sales)).items()} == {"open": 1}


async def test_eight_tabs_with_one_cart_are_one_sale_and_one_session(dirty_system: EgpaySystem) -> None:
    email = an_email()
    answers = await post(dirty_system, *((secrets.token_hex(8), order(email=email)) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    sales = await sales_to(dirty_system, email)
    assert {status: len(ids) for status, ids in pages(dirty_system, set(sales)).items()} == {"open": 1}


async def test_eight_carts_at_once_have_a_page_each(dirty_system: EgpaySystem) -> None:
    email = an_email()
    answers = await post(
        dirty_system, *((None, order(email=email, line_items=cart(number))) for number in range(1, 9))
    )
    assert {answer.status_code for answer in answers} == {201}
    sales = await sales_to(dirty_system, email)
    assert list(sales.values()) == ["in_progress"] * 8
    assert {status: len(ids) for status, ids in pages(dirty_system, set(sales)).items()} == {"open": 8}


async def test_once_a_subscription_is_settled_the_other_pages_of_its_organisation_are_expired(
    dirty_system: EgpaySystem,
) -> None:
    email = an_email()
    first, other = (dirty_system.order(email=email, line_items=cart(number)) for number in (1, 2))
    another = dirty_system.order(email=email, line_items=cart(1), organisation="Another Club")
    paid = f"{dirty_system.sandbox}/sandbox/sessions/{first['checkout_session_id']}/pay"
    dirty_system.browser.post(paid, json={}).raise_for_status()

    def ended() -> bool:
        return [dirty_system.sale(one["sale_id"])["status"] for one in (first, other, another)] == [
            "paid",
            "expired",
            "in_progress",
        ]

    until(ended, what="the other page of the organisation is not expired")
    found = pages(dirty_system, {one["sale_id"] for one in (first, other, another)})
    assert {status: sorted(ids) for status, ids in found.items()} == {
        "complete": [first["checkout_session_id"]],
        "expired": [other["checkout_session_id"]],
        "open": [another["checkout_session_id"]],
    }
    [refused] = await post(dirty_system, (None, order(email=email, line_items=cart(3))))
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/already-subscribed")


@pytest.mark.parametrize("later", ["first", "second"])
async def test_both_paid_all_the_same_are_one_account_and_a_case_for_an_operator(
    dirty_system: EgpaySystem, later: str
) -> None:
    """The pages stand side by side; if both are paid before the first is known to be, nothing of either is lost."""
    one = StripeBuyer.of(dirty_system, line_items=cart(1))
    told = dirty_system.order(email=one.email, line_items=cart(2))
    two = StripeBuyer(told["sale_id"], one.email, told["checkout_session_id"])
    for buyer in (two, one) if later == "first" else (one, two):
        assert post_webhook(dirty_system, buyer.completed()).status_code == 200
        assert post_webhook(dirty_system, buyer.subscribed()).status_code == 200
    until(
        lambda: [dirty_system.sale(buyer.sale_id)["status"] for buyer in (one, two)] == ["paid", "paid"],
        what="not both are paid",
    )
    for buyer in (one, two):
        buyer.is_told(dirty_system, "active")
    [user] = await dirty_system.ask("SELECT * FROM users WHERE email_key = $1", one.email)
    cases = await dirty_system.ask("SELECT kind FROM cases WHERE subject = $1", user["organisation_id"])
    assert [case["kind"] for case in cases] == ["second_subscription"]
    for kind in ("introduction", "account_used_again"):
        letters = until(partial(dirty_system.letters, one.email, kind), what=f"no {kind}")
        assert len(letters) == 1

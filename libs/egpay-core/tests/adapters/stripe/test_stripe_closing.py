"""A Checkout page is closed, or it is too late: whatever Stripe calls it."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from egpay.adapters.stripe.outbound.payments import StripePayments
from egpay.domain.errors import Defect, Outage
from egpay.domain.values import SessionId
from egpay.testing.scripted_http import ScriptedAnswer, ScriptedHttp, scripted_http

NOW = datetime(2026, 11, 23, 12, 0, 0, 250_000, tzinfo=UTC)
PAGE = SessionId("cs_1")
NOT_OPEN = ScriptedAnswer(
    400, json.dumps({"error": {"type": "invalid_request_error", "message": "…"}}).encode()
)
UNKNOWN = ScriptedAnswer(404, json.dumps({"error": {"code": "resource_missing"}}).encode())


def session(status: str) -> ScriptedAnswer:
    return ScriptedAnswer(
        body=json.dumps({"id": PAGE, "object": "checkout.session", "status": status}).encode()
    )


@pytest.fixture
async def server() -> AsyncIterator[ScriptedHttp]:
    async with scripted_http() as script:
        yield script


@pytest.fixture
async def payments(server: ScriptedHttp) -> AsyncIterator[StripePayments]:
    adapter = StripePayments.connect(
        secret_key="sk_test_1",
        storefront_url="https://shop.example",
        clock=lambda: NOW,
        api_base=server.url,
    )
    yield adapter
    await adapter.aclose()


async def test_an_open_page_is_expired_in_one_question(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(session("expired"))
    assert await payments.expire_checkout(PAGE)
    [asked] = server.heard
    assert (asked.method, asked.path) == ("POST", "/v1/checkout/sessions/cs_1/expire")
    assert asked.headers["idempotency-key"] == f"expire:cs_1:{int(NOW.timestamp())}"


@pytest.mark.parametrize(("status", "closed"), [("expired", True), ("complete", False)])
async def test_a_page_that_is_not_open_is_asked_what_it_is(
    server: ScriptedHttp, payments: StripePayments, status: str, closed: bool
) -> None:
    server.say(NOT_OPEN, session(status))
    assert await payments.expire_checkout(PAGE) is closed
    assert [(one.method, one.path) for one in server.heard][1] == ("GET", "/v1/checkout/sessions/cs_1")


async def test_a_page_that_stripe_does_not_know_can_take_no_payment(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(UNKNOWN)
    assert await payments.expire_checkout(PAGE)


async def test_an_open_page_that_is_not_expired_is_a_defect(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(NOT_OPEN, session("open"))
    with pytest.raises(Defect, match="InvalidRequestError"):
        await payments.expire_checkout(PAGE)


async def test_a_busy_stripe_is_an_outage(server: ScriptedHttp, payments: StripePayments) -> None:
    busy = json.dumps({"error": {"code": "rate_limit"}}).encode()
    server.say(ScriptedAnswer(429, busy, {"retry-after": "7"}))
    with pytest.raises(Outage) as caught:
        await payments.expire_checkout(PAGE)
    assert caught.value.retry_after == 7

"""Refunds that we ask of Stripe: one for each act, of the right payment, and never in another currency."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from egpay.adapters.stripe.outbound.payments import StripePayments
from egpay.domain.errors import Outage, RequestRefused
from egpay.domain.values import InvoiceId, MessageId, PaymentIntentId, SaleId
from egpay.ports.payments import RefundOrder
from egpay.testing.scripted_http import ScriptedAnswer, ScriptedHttp, scripted_http

ORDER = RefundOrder(
    act=MessageId("act_1"),
    amount=4_900,
    currency="eur",
    payment_intent_id=PaymentIntentId("pi_1"),
    sale_id=SaleId("sale_1"),
)
KEY = "refund:act_1"


def said(content: Any, status: int = 200, **headers: str) -> ScriptedAnswer:
    return ScriptedAnswer(status, json.dumps(content).encode(), headers)


INTENT = said({"id": "pi_1", "currency": "eur"})
NONE = said({"data": []})
MADE = {"id": "re_1", "metadata": {"egpay_act": "act_1"}}
ITS_OWN_FAILURE = said({"error": {"type": "api_error"}}, 500, **{"idempotent-replayed": "true"})


@pytest.fixture
async def server() -> AsyncIterator[ScriptedHttp]:
    async with scripted_http() as script:
        yield script


@pytest.fixture
async def payments(server: ScriptedHttp) -> AsyncIterator[StripePayments]:
    async def ours() -> str | None:
        return "inst_1"

    adapter = StripePayments.connect(
        secret_key="sk_test_1",
        storefront_url="https://shop.example/",
        clock=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC),
        api_base=server.url,
        installation=ours,
    )
    yield adapter
    await adapter.aclose()


async def test_a_refund_names_the_payment_the_amount_and_the_act_under_the_acts_key(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(INTENT, NONE, said(MADE))
    assert await payments.refund(ORDER, key=KEY) == "re_1"
    asked = server.heard[-1]
    assert (asked.method, asked.path, asked.headers["idempotency-key"]) == ("POST", "/v1/refunds", KEY)
    assert asked.form == {
        "payment_intent": "pi_1",
        "amount": "4900",
        "metadata[egpay_act]": "act_1",
        "metadata[sale_id]": "sale_1",
        "metadata[egpay_installation]": "inst_1",
    }


async def test_an_act_that_was_refunded_is_not_refunded_again_when_stripe_has_forgotten_its_key(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(INTENT, said({"data": [{"id": "re_0", "metadata": {}}, MADE]}))
    assert await payments.refund(ORDER, key=KEY) == "re_1"
    assert [one.method for one in server.heard] == ["GET", "GET"]


async def test_a_failure_that_stripe_replays_is_passed_by_another_key_unless_it_made_the_refund(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(INTENT, NONE, ITS_OWN_FAILURE, ITS_OWN_FAILURE, ITS_OWN_FAILURE, said({"data": [MADE]}))
    assert await payments.refund(ORDER, key=KEY) == "re_1"
    posted = [one for one in server.heard if one.method == "POST"]
    assert {one.headers["idempotency-key"] for one in posted} == {KEY}


async def test_a_payment_that_was_charged_in_another_currency_is_refused_before_money_moves(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(said({"id": "pi_1", "currency": "jpy"}))
    with pytest.raises(RequestRefused) as refused:
        await payments.refund(ORDER, key=KEY)
    assert refused.value.code == "currency_mismatch"
    assert [one.method for one in server.heard] == ["GET"]


async def test_a_refusal_keeps_its_code_its_parameter_and_its_request_id(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    error = {"type": "invalid_request_error", "code": "charge_disputed", "param": "payment_intent"}
    server.say(INTENT, NONE, said({"error": error}, 400, **{"request-id": "req_1"}))
    with pytest.raises(RequestRefused) as refused:
        await payments.refund(ORDER, key=KEY)
    assert (refused.value.code, refused.value.param, refused.value.request_id) == (
        "charge_disputed",
        "payment_intent",
        "req_1",
    )


async def test_an_outage_is_not_taken_for_a_refusal(server: ScriptedHttp, payments: StripePayments) -> None:
    server.say(INTENT, NONE, said({"error": {"type": "rate_limit_error"}}, 429))
    with pytest.raises(Outage):
        await payments.refund(ORDER, key=KEY)


@pytest.mark.parametrize("expanded", [False, True])
async def test_a_payment_that_only_its_invoice_names_is_looked_up(
    server: ScriptedHttp, payments: StripePayments, expanded: bool
) -> None:
    intent: Any = {"id": "pi_1"} if expanded else "pi_1"
    server.say(said({"data": [{"payment": {"payment_intent": intent}}]}), INTENT, NONE, said(MADE))
    order = RefundOrder(
        act=ORDER.act, amount=ORDER.amount, currency="eur", invoice_id=InvoiceId("in_1"), sale_id=None
    )
    assert await payments.refund(order, key=KEY) == "re_1"
    assert server.heard[0].form == {"invoice": "in_1", "status": "paid", "limit": "10"}


@pytest.mark.parametrize("found", [[], [{"payment": {"payment_intent": None}}]])
async def test_an_invoice_that_no_payment_intent_paid_is_refused(
    server: ScriptedHttp, payments: StripePayments, found: list[Any]
) -> None:
    server.say(said({"data": found}))
    order = RefundOrder(act=ORDER.act, amount=ORDER.amount, currency="eur", invoice_id=InvoiceId("in_1"))
    with pytest.raises(RequestRefused) as refused:
        await payments.refund(order, key=KEY)
    assert refused.value.code == "no_payment_intent"

"""The customer of an order at Stripe: what we say of it, under which key, and how it is deleted."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from stripe.params import CustomerCreateParams

from egpay.adapters.stripe.outbound.customers import customer_params
from egpay.adapters.stripe.outbound.payments import StripePayments
from egpay.domain.errors import Outage, RequestRefused
from egpay.domain.order import Order
from egpay.domain.sale import Sale
from egpay.domain.values import CustomerId
from egpay.testing.builders import order, sale
from egpay.testing.scripted_http import ScriptedAnswer, ScriptedHttp, scripted_http

MADE = ScriptedAnswer(body=b'{"id":"cus_new","object":"customer"}')
NO_SUBSCRIPTION = ScriptedAnswer(body=b'{"object":"list","data":[]}')
ADDRESS = {"line1": "12 St James's Square", "city": "London", "country": "GB"}


async def ours() -> str:
    return "inst_ours"


@pytest.fixture
async def server() -> AsyncIterator[ScriptedHttp]:
    async with scripted_http() as script:
        yield script


@pytest.fixture
async def payments(server: ScriptedHttp) -> AsyncIterator[StripePayments]:
    adapter = StripePayments.connect(
        secret_key="sk_test_1",
        storefront_url="https://shop.example/",
        clock=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC),
        api_base=server.url,
        installation=ours,
    )
    yield adapter
    await adapter.aclose()


def params_of(**changes: Any) -> tuple[dict[str, Any], Sale]:
    placed = order(**changes)
    opened = sale(placed)
    return customer_params(opened, placed, installation="inst_ours"), opened


def test_a_customer_bears_the_organisations_name_and_our_mark_and_where_the_devices_go() -> None:
    params, opened = params_of()
    assert params == {
        "name": "Analytical",
        "metadata": {"sale_id": opened.id, "organisation": "Analytical", "egpay_installation": "inst_ours"},
        "shipping": {"name": "Ada Lovelace", "address": ADDRESS},
    }


def test_the_admins_email_is_not_told_because_checkout_would_show_and_lock_it() -> None:
    params, _ = params_of()
    assert "ada@example.com" not in json.dumps(params)


def test_the_billing_email_of_the_order_is_told() -> None:
    params, _ = params_of(billing_email="books@example.com")
    assert params["email"] == "books@example.com"


def test_phone_and_language_are_told_when_the_order_has_them() -> None:
    params, _ = params_of(phone="+44 20 7946 0000", locale="en-GB")
    assert params["phone"] == params["shipping"]["phone"] == "+44 20 7946 0000"
    assert params["preferred_locales"] == ["en-GB"]


def test_an_order_without_devices_has_no_shipping_address() -> None:
    params, _ = params_of(devices=0, shipping_address=None)
    assert "shipping" not in params


def test_every_parameter_of_a_customer_is_one_that_stripe_declares() -> None:
    params, _ = params_of(billing_email="books@example.com", phone="+44 20 7946 0000", locale="en")
    assert set(params) <= set(CustomerCreateParams.__annotations__)


async def made_of(payments: StripePayments, placed: Order, opened: Sale, number: int = 1) -> CustomerId:
    return await payments.create_customer(opened, placed, number=number)


async def test_a_customer_is_made_once_for_a_sale_by_its_key(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    placed = order(billing_email="books@example.com")
    opened = sale(placed)
    server.say(MADE)
    assert await made_of(payments, placed, opened) == "cus_new"
    assert await made_of(payments, placed, opened) == "cus_new"
    first, second = server.heard
    assert (first.method, first.path) == ("POST", "/v1/customers")
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"] == f"customer:{opened.id}:1"
    assert first.body == second.body
    assert first.form["metadata[egpay_installation]"] == "inst_ours"


async def test_after_a_deleted_customer_the_next_one_has_a_key_of_its_own(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    placed = order()
    opened = sale(placed)
    server.say(MADE)
    await made_of(payments, placed, opened, number=2)
    assert server.heard[0].headers["idempotency-key"] == f"customer:{opened.id}:2"


async def test_a_failure_that_stripe_cached_under_the_key_is_passed_by(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    replayed = {"idempotent-replayed": "true", "stripe-should-retry": "false"}
    server.say(ScriptedAnswer(500, b'{"error":{}}', replayed), MADE)
    placed = order()
    assert await made_of(payments, placed, sale(placed)) == "cus_new"
    assert server.heard[1].headers["idempotency-key"].endswith(":1:again:1")


async def test_what_stripe_says_of_an_email_is_told_without_the_email(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    error = {"code": "email_invalid", "param": "email", "message": "Invalid email address: books@example"}
    server.say(ScriptedAnswer(400, json.dumps({"error": error}).encode()))
    placed = order(billing_email="books@example.com")
    with pytest.raises(RequestRefused, match="email_invalid email") as refused:
        await made_of(payments, placed, sale(placed))
    assert "books" not in str(refused.value)


async def test_a_customer_is_deleted_when_it_has_no_subscription(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(NO_SUBSCRIPTION, ScriptedAnswer(body=b'{"id":"cus_1","object":"customer","deleted":true}'))
    assert await payments.delete_customer(CustomerId("cus_1")) is True
    asked, deleted = server.heard
    assert asked.path.startswith("/v1/subscriptions")
    assert (deleted.method, deleted.path) == ("DELETE", "/v1/customers/cus_1")


async def test_a_customer_with_a_subscription_of_whatever_status_is_not_deleted(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(ScriptedAnswer(body=b'{"object":"list","data":[{"id":"sub_1"}]}'))
    assert await payments.delete_customer(CustomerId("cus_1")) is False
    assert [heard.method for heard in server.heard] == ["GET"]


@pytest.mark.parametrize("unknown", [0, 1])
async def test_one_that_stripe_does_not_know_is_deleted(
    server: ScriptedHttp, payments: StripePayments, unknown: int
) -> None:
    missing = json.dumps({"error": {"code": "resource_missing", "param": "id"}}).encode()
    server.say(*([NO_SUBSCRIPTION] * unknown), ScriptedAnswer(404, missing))
    assert await payments.delete_customer(CustomerId("cus_1")) is True


async def test_an_outage_deletes_nothing(server: ScriptedHttp, payments: StripePayments) -> None:
    server.say(NO_SUBSCRIPTION, ScriptedAnswer(503, b"", {"stripe-should-retry": "false"}))
    with pytest.raises(Outage):
        await payments.delete_customer(CustomerId("cus_1"))


def test_a_hostile_name_is_one_line_and_fits() -> None:
    params, _ = params_of(organisation="A\u202e" + "x" * 400)
    assert len(params["name"]) <= 200
    assert "\u202e" not in msgspec.json.encode(params).decode()

"""The API as the SDK meets it: keys, parameters, idempotency, lists."""

import httpx
import pytest
import stripe

from egpay_sandbox.testing.carts import devices, line, mixed
from egpay_sandbox.testing.running_sandbox import RunningSandbox


async def test_a_call_without_a_test_key_is_refused(sandbox: RunningSandbox) -> None:
    for headers in ({}, {"Authorization": "Bearer sk_live_x"}):
        answer = await sandbox.http.get("/v1/customers/cus_1", headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"]["type"] == "invalid_request_error"


async def test_every_answer_carries_a_request_id_and_the_version_asked_for(sandbox: RunningSandbox) -> None:
    customer = await sandbox.stripe.v1.customers.create_async({"email": "a@example.com"})
    assert customer.last_response is not None
    assert customer.last_response.headers["request-id"].startswith("req_")
    assert customer.last_response.headers["stripe-version"] == stripe.api_version


async def test_an_unknown_id_is_a_missing_resource(sandbox: RunningSandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await sandbox.stripe.v1.checkout.sessions.retrieve_async("cs_test_nobody")
    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"payment_method_types": ["card"]}, "payment_method_types"),
        ({"line_items": [{"price": "p", "quantity": 1, "colour": "red"}]}, "line_items[0][colour]"),
        (
            {"payment_intent_data": {"shipping": {"adress": "Ring 1", "address": {"line1": "Ring 1"}}}},
            "payment_intent_data[shipping][adress]",
        ),
    ],
)
async def test_an_unknown_parameter_is_refused_by_name(
    sandbox: RunningSandbox, more: dict[str, object], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await sandbox.create_session(**more)
    assert (refusal.value.http_status, refusal.value.code) == (400, "parameter_unknown")
    assert refusal.value.param == param


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({**devices(), "ui_mode": "hosted"}, "ui_mode"),
        ({**devices(), "line_items": [line(100, "Plan", every="month")]}, None),
        ({**mixed(), "line_items": [line(100, "Reader")]}, None),
        ({**mixed(), "payment_intent_data": {"metadata": {"a": "b"}}}, "payment_intent_data"),
        ({**mixed(), "invoice_creation": {"enabled": True}}, "invoice_creation"),
        ({**devices(), "subscription_data": {"metadata": {"a": "b"}}}, "subscription_data"),
        ({**devices(), "line_items": []}, "line_items"),
        ({**devices(), "success_url": None}, "success_url"),
        ({**devices(), "customer_email": "nobody"}, "customer_email"),
        ({**devices(), "customer": "cus_unknown"}, "customer"),
        ({**devices(), "expires_at": 1}, "expires_at"),
        ({**devices(), "metadata": {"k" * 41: "v"}}, "metadata"),
        ({**devices(), "metadata": {"k": "v" * 501}}, "metadata[k]"),
        ({**devices(), "metadata": {f"k{n}": "v" for n in range(51)}}, "metadata"),
        ({**devices(), "client_reference_id": "r" * 201}, "client_reference_id"),
        ({**devices(), "line_items": [{**line(100, "Reader"), "quantity": 0}]}, "line_items[0][quantity]"),
        (
            {**devices(), "line_items": [line(100, "A"), {**line(1, "B"), "price": "price_x"}]},
            "line_items[1][price]",
        ),
    ],
)
async def test_what_stripe_refuses_is_refused_here(
    sandbox: RunningSandbox, body: dict[str, object], param: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await sandbox.stripe.v1.checkout.sessions.create_async(body)
    assert refusal.value.http_status == 400
    assert refusal.value.param == param


async def test_a_new_session_has_no_payment_no_customer_and_a_long_url(sandbox: RunningSandbox) -> None:
    session = await sandbox.create_subscription_session()
    assert session.id.startswith("cs_test_")
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert (session.invoice, session.subscription, session.payment_intent, session.customer) == (None,) * 4
    assert session.url is not None
    assert len(session.url) > 300
    assert "#" in session.url
    assert session.expires_at == session.created + 24 * 3600


async def test_the_same_key_and_parameters_open_one_session(sandbox: RunningSandbox) -> None:
    first = await sandbox.stripe.v1.checkout.sessions.create_async(devices(), {"idempotency_key": "sale_1"})
    again = await sandbox.stripe.v1.checkout.sessions.create_async(devices(), {"idempotency_key": "sale_1"})
    assert again.id == first.id
    assert again.last_response is not None
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert len(sandbox.internals.account.sessions) == 1


async def test_the_same_key_with_other_parameters_is_an_idempotency_error(sandbox: RunningSandbox) -> None:
    await sandbox.stripe.v1.checkout.sessions.create_async(devices(), {"idempotency_key": "sale_1"})
    with pytest.raises(stripe.IdempotencyError) as refusal:
        await sandbox.stripe.v1.checkout.sessions.create_async(mixed(), {"idempotency_key": "sale_1"})
    assert refusal.value.http_status == 400


async def test_a_refused_request_does_not_spend_its_key(sandbox: RunningSandbox) -> None:
    options: stripe.RequestOptions = {"idempotency_key": "sale_1"}
    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.stripe.v1.checkout.sessions.create_async(
            {**devices(), "metadata": {"k": "v" * 501}}, options
        )
    session = await sandbox.stripe.v1.checkout.sessions.create_async(devices(), options)
    assert session.status == "open"


async def test_a_route_nobody_knows_is_refused_in_stripes_words(sandbox: RunningSandbox) -> None:
    answer = await sandbox.http.get("/v1/topups", headers={"Authorization": "Bearer sk_test_x"})
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        404,
        "Unrecognized request URL (GET: /v1/topups).",
    )


async def test_hostile_bytes_are_no_reason_to_break(sandbox: RunningSandbox) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(
            f"{sandbox.url}/v1/customers",
            content=b"\xff\xfe=1",
            headers={"Authorization": "Bearer sk_test_x"},
        )
    assert answer.status_code == 400

"""The API as the SDK meets it: keys, parameters, idempotency, lists."""

import httpx
import pytest
import stripe

from egpay_sandbox.testing.carts import devices, line, mixed
from egpay_sandbox.testing.live import Live


async def test_a_call_without_a_test_key_is_refused(sandbox: Live) -> None:
    for headers in ({}, {"Authorization": "Bearer sk_live_x"}):
        answer = await sandbox.http.get("/v1/customers/cus_1", headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"]["type"] == "invalid_request_error"


async def test_every_answer_carries_a_request_id_and_the_version_asked_for(sandbox: Live) -> None:
    customer = await sandbox.stripe.v1.customers.create_async({"email": "a@example.com"})
    assert customer.last_response is not None
    assert customer.last_response.headers["request-id"].startswith("req_")
    assert customer.last_response.headers["stripe-version"] == stripe.api_version


async def test_an_unknown_id_is_a_missing_resource(sandbox: Live) -> None:
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
    sandbox: Live, more: dict[str, object], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await sandbox.session(**more)
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
    sandbox: Live, body: dict[str, object], param: str | None
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        await sandbox.stripe.v1.checkout.sessions.create_async(body)
    assert refusal.value.http_status == 400
    assert refusal.value.param == param


async def test_a_new_session_has_no_payment_no_customer_and_a_long_url(sandbox: Live) -> None:
    session = await sandbox.subscription_session()
    assert session.id.startswith("cs_test_")
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert (session.invoice, session.subscription, session.payment_intent, session.customer) == (None,) * 4
    assert session.url is not None
    assert len(session.url) > 300
    assert "#" in session.url
    assert session.expires_at == session.created + 24 * 3600


async def test_the_same_key_and_parameters_open_one_session(sandbox: Live) -> None:
    first = await sandbox.stripe.v1.checkout.sessions.create_async(devices(), {"idempotency_key": "sale_1"})
    again = await sandbox.stripe.v1.checkout.sessions.create_async(devices(), {"idempotency_key": "sale_1"})
    assert again.id == first.id
    assert again.last_response is not None
    assert again.last_response.headers["idempotent-replayed"] == "true"
    assert len(sandbox.world.account.sessions) == 1


async def test_the_same_key_with_other_parameters_is_an_idempotency_error(sandbox: Live) -> None:
    await sandbox.stripe.v1.checkout.sessions.create_async(devices(), {"idempotency_key": "sale_1"})
    with pytest.raises(stripe.IdempotencyError) as refusal:
        await sandbox.stripe.v1.checkout.sessions.create_async(mixed(), {"idempotency_key": "sale_1"})
    assert refusal.value.http_status == 400


async def test_a_refused_request_does_not_spend_its_key(sandbox: Live) -> None:
    options: stripe.RequestOptions = {"idempotency_key": "sale_1"}
    with pytest.raises(stripe.InvalidRequestError):
        await sandbox.stripe.v1.checkout.sessions.create_async(
            {**devices(), "metadata": {"k": "v" * 501}}, options
        )
    session = await sandbox.stripe.v1.checkout.sessions.create_async(devices(), options)
    assert session.status == "open"


async def test_the_catalogue_can_be_made_listed_and_bought_from(sandbox: Live) -> None:
    product = await sandbox.stripe.v1.products.create_async({"name": "Reader", "metadata": {"sku": "r1"}})
    price = await sandbox.stripe.v1.prices.create_async(
        {"product": product.id, "currency": "eur", "unit_amount": 700, "lookup_key": "reader"}
    )
    found = await sandbox.stripe.v1.prices.list_async({"lookup_keys": ["reader"], "active": True})
    assert [row.id for row in found.data] == [price.id]
    session = await sandbox.session(line_items=[{"price": price.id, "quantity": 2}])
    lines = await sandbox.stripe.v1.checkout.sessions.line_items.list_async(session.id)
    assert [(row.amount_total, row.quantity, row.description) for row in lines.data] == [(1400, 2, "Reader")]
    assert session.amount_total == 1400


async def test_lists_are_paged_newest_first_and_chronologically_with_ending_before(sandbox: Live) -> None:
    made = [(await sandbox.stripe.v1.customers.create_async({"name": str(n)})).id for n in range(5)]
    events = sandbox.stripe.v1.events
    first = await events.list_async({"type": "customer.created", "limit": 2})
    assert first.has_more
    everything = [e.data.object["id"] async for e in first.auto_paging_iter()]
    assert everything == made[::-1]
    oldest = [e async for e in (await events.list_async({"limit": 100})).auto_paging_iter()][-1]
    newer = await events.list_async({"ending_before": oldest.id, "limit": 2})
    assert [e.data.object["id"] async for e in newer.auto_paging_iter()] == made[1:]


async def test_events_can_be_asked_for_by_types_time_and_success(sandbox: Live) -> None:
    sandbox.receiver.answers = [500]
    await sandbox.stripe.v1.customers.create_async({"name": "A"})
    await sandbox.told("customer.created")
    events = sandbox.stripe.v1.events
    since = sandbox.world.clock.now() - 60
    by_types = await events.list_async(
        {"types": ["customer.created", "invoice.paid"], "created": {"gte": since}}
    )
    assert len(by_types.data) == 1
    assert (await events.list_async({"created": {"gte": since + 3600}})).data == []
    delivered = await events.list_async({"delivery_success": True})
    assert [e.id for e in delivered.data] in ([], [by_types.data[0].id])


async def test_an_endpoint_tells_its_secret_once(sandbox: Live) -> None:
    endpoints = sandbox.stripe.v1.webhook_endpoints
    made = await endpoints.create_async({"url": "https://shop.test/hook", "enabled_events": ["invoice.paid"]})
    assert (made.secret or "").startswith("whsec_")
    read = await endpoints.retrieve_async(made.id)
    assert "secret" not in read.to_dict()
    changed = await endpoints.update_async(made.id, {"enabled_events": ["*"], "disabled": True})
    assert (changed.enabled_events, changed.status) == (["*"], "disabled")
    assert len((await endpoints.list_async()).data) == 2
    assert (await endpoints.delete_async(made.id)).deleted


async def test_expanding_replaces_ids_by_objects_and_adds_lists(sandbox: Live) -> None:
    session = await sandbox.bought(await sandbox.subscription_session())
    full = await sandbox.stripe.v1.checkout.sessions.retrieve_async(
        session.id, {"expand": ["line_items", "subscription.latest_invoice.payments", "customer"]}
    )
    found = full.to_dict()
    assert len(found["line_items"]["data"]) == 2
    assert found["subscription"]["latest_invoice"]["payments"]["data"][0]["status"] == "paid"
    assert found["customer"]["email"] == "buyer@example.com"


async def test_an_invoice_is_found_by_its_payment_intent(sandbox: Live) -> None:
    session = await sandbox.bought(await sandbox.subscription_session())
    payments = sandbox.stripe.v1.invoice_payments
    of_invoice = await payments.list_async({"invoice": str(session.invoice)})
    intent = of_invoice.data[0].payment.payment_intent
    found = await payments.list_async({"payment": {"type": "payment_intent", "payment_intent": str(intent)}})
    assert [row.invoice for row in found.data] == [session.invoice]


async def test_a_route_nobody_knows_is_refused_in_stripes_words(sandbox: Live) -> None:
    answer = await sandbox.http.get("/v1/coupons", headers={"Authorization": "Bearer sk_test_x"})
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        404,
        "Unrecognized request URL (GET: /v1/coupons).",
    )


async def test_hostile_bytes_are_no_reason_to_break(sandbox: Live) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(
            f"{sandbox.url}/v1/customers",
            content=b"\xff\xfe=1",
            headers={"Authorization": "Bearer sk_test_x"},
        )
    assert answer.status_code == 400

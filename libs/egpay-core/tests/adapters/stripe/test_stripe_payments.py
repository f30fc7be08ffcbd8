"""What we ask of Stripe, and what we make of its answers and its silences."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from stripe.params.checkout import SessionCreateParams

from egpay.adapters.stripe.outbound.checkout import session_params
from egpay.adapters.stripe.outbound.client import connect
from egpay.adapters.stripe.outbound.payments import StripePayments
from egpay.domain.catalogue import Interval, Kind
from egpay.domain.errors import Defect, Outage, PausedByProvider, RefusedByProvider, RequestRefused
from egpay.domain.events import Source
from egpay.domain.open_sale import open_sale
from egpay.domain.order import Order, OrderLine
from egpay.domain.subscription import SubscriptionStatus
from egpay.domain.values import (
    Address,
    CustomerId,
    InvoiceId,
    PaymentIntentId,
    ProductId,
    SaleId,
    SubscriptionId,
)
from egpay.ports.payments import OpenInvoice, PaymentTrace
from egpay.testing import stripe_objects as stripe
from egpay.testing.scripted_http import ScriptedAnswer, ScriptedHttp, scripted_http
from egpay.testing.stripe_objects import Generation

NOW = datetime(2026, 11, 23, 12, 0, 0, 250_000, tzinfo=UTC)
SALE = SaleId(stripe.SALE)
CUSTOMER = CustomerId("cus_of_the_order")
DEVICE = OrderLine(
    product=ProductId("sensor"),
    kind=Kind.DEVICE,
    name="Sensor",
    quantity=3,
    unit_amount=9_900,
    currency="eur",
    price="price_sensor",
)
PLAN = OrderLine(
    product=ProductId("plan"),
    kind=Kind.SUBSCRIPTION,
    name="Plan",
    quantity=1,
    unit_amount=2_900,
    currency="eur",
    interval=Interval.MONTH,
    price="price_plan",
)
SESSION = ScriptedAnswer(
    body=b'{"id":"cs_1","url":"https://checkout.example/c/pay/cs_1#fragment","object":"checkout.session"}'
)


def an_order(*lines: OrderLine, billing_email: str | None = None) -> Order:
    return Order(
        organisation="Engines Ltd",
        name="Ada Lovelace",
        email="ada.private@example.com",
        billing_email=billing_email,
        lines=lines,
        shipping_address=Address(
            line1="12 St James's Square", city="London", postal_code="SW1Y", country="GB"
        ),
    )


def params_for(*lines: OrderLine, billing_email: str | None = None) -> dict[str, Any]:
    order = an_order(*lines, billing_email=billing_email)
    sale = open_sale(order, sale_id=SALE, at=NOW)
    return session_params(
        sale,
        order,
        customer=CUSTOMER,
        success_url="https://shop.example/ok?sale={sale_id}",
        cancel_url="https://shop.example/no",
    )


def test_a_page_keeps_what_is_typed_on_the_orders_own_customer_and_changes_none_that_was_known() -> None:
    own = params_for(DEVICE)
    assert own["customer_update"] == {"name": "auto", "address": "auto"}
    assert own["tax_id_collection"] == {"enabled": True}
    order = an_order(DEVICE)
    params = session_params(
        open_sale(order, sale_id=SALE, at=NOW),
        order,
        customer=CUSTOMER,
        known=True,
        success_url="https://shop.example/ok",
        cancel_url="https://shop.example/no",
    )
    assert own.keys() - params.keys() == {"customer_update", "tax_id_collection"}
    assert (params["customer"], params["billing_address_collection"]) == (CUSTOMER, "required")


def test_everything_that_checkout_makes_bears_the_installations_mark() -> None:
    order = an_order(DEVICE)
    params = session_params(
        open_sale(order, sale_id=SALE, at=NOW),
        order,
        customer=CUSTOMER,
        success_url="https://shop.example/ok",
        cancel_url="https://shop.example/no",
        installation="inst_ours",
    )
    mark = {"sale_id": SALE, "egpay_installation": "inst_ours"}
    assert params["metadata"] == mark
    assert params["payment_intent_data"]["metadata"] == mark
    assert params["invoice_creation"]["invoice_data"]["metadata"] == mark


@pytest.fixture
async def server() -> AsyncIterator[ScriptedHttp]:
    async with scripted_http() as script:
        yield script


@pytest.fixture
async def payments(server: ScriptedHttp) -> AsyncIterator[StripePayments]:
    adapter = StripePayments.connect(
        secret_key="sk_test_1",
        storefront_url="https://shop.example/",
        clock=lambda: NOW,
        api_base=server.url + "/",
    )
    yield adapter
    await adapter.aclose()


def refusal(status: int, *, headers: dict[str, str] | None = None, **error: str) -> ScriptedAnswer:
    return ScriptedAnswer(status, json.dumps({"error": error}).encode(), headers or {})


async def opened(payments: StripePayments, *lines: OrderLine) -> Any:
    order = an_order(*(lines or (DEVICE, PLAN)))
    return await payments.open_checkout(open_sale(order, sale_id=SALE, at=NOW), order, CUSTOMER)


async def test_a_checkout_page_is_opened_under_a_key_of_the_attempt(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(SESSION)
    page = await opened(payments)
    assert (page.id, page.url) == ("cs_1", "https://checkout.example/c/pay/cs_1#fragment")
    [asked] = server.heard
    assert (asked.method, asked.path) == ("POST", "/v1/checkout/sessions")
    assert asked.headers["idempotency-key"] == f"checkout:{SALE}:1:cus_of_the_order"
    assert asked.form["mode"] == "subscription"
    assert asked.form["success_url"] == f"https://shop.example/success?sale={SALE}"
    assert asked.form["line_items[1][price]"] == "price_plan"


async def test_a_page_takes_promotion_codes_where_the_shop_wants_it_and_under_a_key_of_its_own(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(SESSION)
    await opened(payments)
    await opened(replace(payments, promotion_codes=True))
    without, taking = server.heard
    assert "allow_promotion_codes" not in without.form
    assert taking.form["allow_promotion_codes"] == "true"
    assert taking.headers["idempotency-key"] == f"{without.headers['idempotency-key']}:promotions"


async def test_asking_again_sends_the_same_bytes(server: ScriptedHttp, payments: StripePayments) -> None:
    server.say(SESSION)
    await opened(payments, DEVICE)
    await opened(payments, DEVICE)
    first, second = server.heard
    assert first.body == second.body
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


def test_a_cart_with_a_plan_is_a_subscription_and_marks_it() -> None:
    params = params_for(DEVICE, PLAN)
    assert params["mode"] == "subscription"
    assert params["subscription_data"] == {"metadata": {"sale_id": SALE}}
    assert params["metadata"] == {"sale_id": SALE}
    assert params["client_reference_id"] == SALE
    assert "payment_intent_data" not in params
    assert "invoice_creation" not in params


def test_a_cart_of_devices_is_one_payment_with_invoice_and_shipping() -> None:
    params = params_for(DEVICE)
    assert params["mode"] == "payment"
    assert params["invoice_creation"] == {"enabled": True, "invoice_data": {"metadata": {"sale_id": SALE}}}
    assert params["payment_intent_data"]["metadata"] == {"sale_id": SALE}
    assert params["payment_intent_data"]["shipping"] == {
        "name": "Ada Lovelace",
        "address": {
            "line1": "12 St James's Square",
            "city": "London",
            "postal_code": "SW1Y",
            "country": "GB",
        },
    }


def test_a_line_is_sold_by_the_price_that_it_was_ordered_at() -> None:
    lines = params_for(DEVICE, PLAN)["line_items"]
    assert [(line["price"], line["quantity"], len(line)) for line in lines] == [
        ("price_sensor", DEVICE.quantity, 2),
        ("price_plan", PLAN.quantity, 2),
    ]


def test_a_line_that_was_ordered_before_the_sync_is_not_sold_inline() -> None:
    with pytest.raises(Defect, match="before the catalogue was synced"):
        params_for(msgspec.structs.replace(DEVICE, price=None))


def test_a_trial_is_asked_for_in_days() -> None:
    trial = msgspec.structs.replace(PLAN, trial_days=14)
    assert params_for(DEVICE, trial)["subscription_data"]["trial_period_days"] == 14
    assert "trial_period_days" not in params_for(DEVICE, PLAN)["subscription_data"]


@pytest.mark.parametrize("lines", [(DEVICE,), (PLAN,), (DEVICE, PLAN)])
def test_the_page_belongs_to_the_orders_customer_and_writes_the_legal_name_there(
    lines: tuple[OrderLine, ...],
) -> None:
    params = params_for(*lines, billing_email="bills@example.com")
    assert params["customer"] == CUSTOMER
    assert params["customer_update"] == {"name": "auto", "address": "auto"}
    assert params["tax_id_collection"] == {"enabled": True}
    assert params["billing_address_collection"] == "required"
    assert params["adaptive_pricing"] == {"enabled": False}
    assert not {"customer_email", "customer_creation"} & params.keys()


@pytest.mark.parametrize("lines", [(DEVICE,), (PLAN,), (DEVICE, PLAN)])
def test_every_parameter_is_one_that_stripe_declares(lines: tuple[OrderLine, ...]) -> None:
    params = params_for(*lines, billing_email="bills@example.com")
    assert set(params) <= set(SessionCreateParams.__annotations__)
    assert not {"payment_method_types", "ui_mode", "expires_at"} & set(params)


async def test_a_passing_fault_is_retried_under_the_same_key(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(refusal(503), SESSION)
    await opened(payments)
    first, second = server.heard
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.body == second.body


@pytest.mark.parametrize(
    "answer",
    [
        ScriptedAnswer(drops=True),
        refusal(500, message="ada.private@example.com"),
        ScriptedAnswer(502, b"<html>a proxy of ada.private@example.com</html>"),
        refusal(
            409, type="idempotency_error", code="idempotency_key_in_use", message="ada.private@example.com"
        ),
        ScriptedAnswer(200, b"<html>a hotel's login page</html>"),
    ],
)
async def test_an_outage_is_told_as_one(
    server: ScriptedHttp, payments: StripePayments, answer: ScriptedAnswer
) -> None:
    server.say(
        ScriptedAnswer(answer.status, answer.body, {"stripe-should-retry": "false"}, drops=answer.drops)
    )
    with pytest.raises(Outage) as outage:
        await opened(payments)
    assert "ada" not in str(outage.value)


async def test_stripe_may_say_when_to_come_back(server: ScriptedHttp, payments: StripePayments) -> None:
    server.say(refusal(429, headers={"retry-after": "7"}, code="rate_limit", message="slow down"))
    with pytest.raises(Outage) as outage:
        await opened(payments)
    assert outage.value.retry_after == 7.0
    assert len(server.heard) == 1


async def test_nobody_listening_is_an_outage() -> None:
    async with scripted_http() as gone:
        url = gone.url
    api = connect("sk_test_1", api_base=url, retries=0)
    with pytest.raises(Outage):
        await api.get("/v1/payment_intents/pi_1")
    await api.aclose()


async def test_silence_is_an_outage(server: ScriptedHttp) -> None:
    api = connect("sk_test_1", api_base=server.url, timeout=0.05, retries=0)
    server.say(ScriptedAnswer(hangs=True))
    with pytest.raises(Outage):
        await api.get("/v1/subscriptions/sub_1")
    await api.aclose()


@pytest.mark.parametrize(
    "answer",
    [
        refusal(
            400,
            type="invalid_request_error",
            code="email_invalid",
            param="customer_email",
            message="ada.private",
        ),
        refusal(
            400, type="idempotency_error", message="Keys for ada.private@example.com can only be used with"
        ),
        refusal(402, type="card_error", code="card_declined", message="ada.private"),
    ],
)
async def test_what_stripe_refuses_is_our_defect_and_quotes_nobody(
    server: ScriptedHttp, payments: StripePayments, answer: ScriptedAnswer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    server.say(answer)
    with pytest.raises(Defect) as defect:
        await opened(payments)
    assert "ada" not in str(defect.value)
    assert str(answer.status) in str(defect.value)
    assert "ada" not in caplog.text
    assert len(server.heard) == 1


@pytest.mark.parametrize("status", [401, 403])
async def test_a_key_that_stripe_refuses_is_an_outage_and_is_not_quoted(
    server: ScriptedHttp, payments: StripePayments, status: int
) -> None:
    server.say(refusal(status, type="invalid_request_error", message="Invalid API Key: sk_test_*****ada"))
    with pytest.raises(RefusedByProvider) as refused:
        await opened(payments)
    assert (refused.value.status, "ada" in str(refused.value)) == (status, False)


async def test_a_pause_is_of_all_requests_and_a_key_in_use_of_one(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(refusal(429, headers={"retry-after": "7"}))
    with pytest.raises(PausedByProvider):
        await opened(payments)
    server.say(refusal(409, headers={"retry-after": "7", "stripe-should-retry": "false"}))
    with pytest.raises(Outage) as outage:
        await opened(payments)
    assert (type(outage.value), outage.value.retry_after) == (Outage, 7)


async def test_a_refusal_names_stripes_code_and_the_parameter(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    named = {"code": "email_invalid", "param": "customer_email", "message": "Invalid: ada.private"}
    server.say(refusal(400, headers={"request-id": "req_1"}, **named))
    with pytest.raises(RequestRefused, match=r"email_invalid customer_email \(req_1\)$") as refused:
        await opened(payments)
    told = refused.value
    assert (told.code, told.param, told.request_id) == ("email_invalid", "customer_email", "req_1")


async def test_a_code_or_parameter_that_may_hold_a_value_of_ours_is_not_quoted(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(
        refusal(
            400, headers={"request-id": "ada private"}, code="Ada Lovelace", param="metadata[ada@x.example]"
        )
    )
    with pytest.raises(RequestRefused) as refused:
        await opened(payments)
    assert str(refused.value) == "Stripe: InvalidRequestError 400"


async def test_a_page_that_does_not_exist_is_our_defect(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(refusal(404, code="resource_missing"))
    with pytest.raises(Defect):
        await opened(payments)


async def test_an_answer_without_what_we_need_is_our_defect(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(ScriptedAnswer(body=b'{"id":"cs_1","url":null}'))
    with pytest.raises(Defect, match="url"):
        await opened(payments)


def found(content: Any) -> ScriptedAnswer:
    return ScriptedAnswer(body=json.dumps(content).encode())


async def test_a_payment_for_devices_names_its_sale_itself(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(found({"metadata": stripe.mark()}), found({"data": [{"invoice": "in_one"}]}))
    trace = await payments.trace_payment(PaymentIntentId("pi_one"))
    assert trace == PaymentTrace(sale_id=SALE, invoice_id=InvoiceId("in_one"))
    intent, listing = server.heard
    assert intent.path == "/v1/payment_intents/pi_one"
    assert listing.path == "/v1/invoice_payments"
    assert listing.form["payment[type]"] == "payment_intent"
    assert listing.form["payment[payment_intent]"] == "pi_one"


async def test_the_first_payment_of_a_subscription_is_traced_by_its_invoice(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(
        found({"metadata": {}}),
        found({"data": [{"invoice": {"id": "in_one"}}]}),
        found(stripe.invoice(Generation.ENDIVE)),
    )
    trace = await payments.trace_payment(PaymentIntentId("pi_one"))
    assert trace == PaymentTrace(
        sale_id=SALE, invoice_id=InvoiceId("in_one"), subscription_id=SubscriptionId("sub_one")
    )


async def test_the_payment_of_a_renewal_is_its_invoices_and_not_the_orders(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    renewal = stripe.invoice(Generation.ENDIVE, billing_reason="subscription_cycle")
    server.say(found({"metadata": {}}), found({"data": [{"invoice": "in_one"}]}), found(renewal))
    trace = await payments.trace_payment(PaymentIntentId("pi_one"))
    assert trace == PaymentTrace(
        sale_id=None, invoice_id=InvoiceId("in_one"), subscription_id=SubscriptionId("sub_one")
    )


@pytest.mark.parametrize(
    "answers",
    [
        [refusal(404)],
        [found({"metadata": {}}), found({"data": []})],
        [found({"metadata": {"sale_id": "42"}}), refusal(404)],
        [found({"metadata": {}}), found({"data": [{"invoice": "in_one"}]}), refusal(404)],
    ],
)
async def test_another_products_payment_traces_to_nothing(
    server: ScriptedHttp, payments: StripePayments, answers: list[ScriptedAnswer]
) -> None:
    server.say(*answers)
    assert await payments.trace_payment(PaymentIntentId("pi_one")) == PaymentTrace()


async def test_another_products_invoice_is_traced_without_a_subscription_or_a_sale(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    foreign = stripe.devices_invoice(Generation.ENDIVE, sale_id=None)
    server.say(found({"metadata": {}}), found({"data": [{"invoice": "in_one"}]}), found(foreign))
    trace = await payments.trace_payment(PaymentIntentId("pi_one"))
    assert trace == PaymentTrace(invoice_id=InvoiceId("in_one"))


async def test_a_subscription_is_told_as_it_stands_now(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(found(stripe.subscription(Generation.ENDIVE, status="past_due")))
    changed = await payments.subscription(SubscriptionId("sub_one"))
    assert changed is not None
    assert (changed.id, changed.source) == (f"reconcile:sub_one:{int(NOW.timestamp())}", Source.RECONCILE)
    assert changed.occurred_at == NOW.replace(microsecond=0) - timedelta(seconds=2)
    assert changed.report.status is SubscriptionStatus.PAST_DUE
    assert server.heard[0].path == "/v1/subscriptions/sub_one"


async def test_a_subscription_that_stripe_does_not_know_is_none(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(refusal(404, code="resource_missing"))
    assert await payments.subscription(SubscriptionId("sub_gone")) is None


async def test_a_subscription_that_we_do_not_understand_is_our_defect(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(found(stripe.subscription(Generation.ENDIVE, status="ada.private")))
    with pytest.raises(Defect) as defect:
        await payments.subscription(SubscriptionId("sub_one"))
    assert "status" in str(defect.value)
    assert "ada" not in str(defect.value)


OPEN: dict[str, Any] = {
    "status": "open",
    "hosted_invoice_url": "https://invoice.stripe.com/i/1",
    "amount_remaining": 1900,
    "currency": "eur",
    "next_payment_attempt": 1_800_000_000,
    "collection_method": "charge_automatically",
    "customer": {"id": "cus_1", "email": "books@example.com"},
    "parent": {"subscription_details": {"subscription": {"id": "sub_1", "status": "past_due"}}},
}


async def test_an_open_invoice_is_told_with_the_next_try_and_the_customers_address_of_today(
    server: ScriptedHttp, payments: StripePayments
) -> None:
    server.say(found(OPEN))
    assert await payments.open_invoice(InvoiceId("in_1")) == OpenInvoice(
        url="https://invoice.stripe.com/i/1",
        amount=1900,
        currency="eur",
        next_attempt_at=datetime(2027, 1, 15, 8, tzinfo=UTC),
        email="books@example.com",
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"next_payment_attempt": None}, {"next_attempt_at": None}),
        ({"customer": {"id": "cus_1", "deleted": True}}, {"email": None}),
        ({"customer": None, "parent": None}, {"email": None, "subscription_ended": False}),
        (
            {"parent": {"subscription_details": {"subscription": {"status": "canceled"}}}},
            {"subscription_ended": True},
        ),
        (
            {"collection_method": "send_invoice", "due_date": 1_800_000_000},
            {"by_invoice": True, "due_at": datetime(2027, 1, 15, 8, tzinfo=UTC)},
        ),
    ],
)
async def test_what_an_open_invoice_says_of_its_future_is_what_the_provider_says(
    server: ScriptedHttp, payments: StripePayments, changes: dict[str, Any], told: dict[str, Any]
) -> None:
    server.say(found({**OPEN, **changes}))
    invoice = await payments.open_invoice(InvoiceId("in_1"))
    assert {name: getattr(invoice, name) for name in told} == told


@pytest.mark.parametrize(
    "changes", [{"status": "paid"}, {"status": "void"}, {"status": "draft"}, {"hosted_invoice_url": None}]
)
async def test_an_invoice_that_cannot_be_paid_is_none(
    server: ScriptedHttp, payments: StripePayments, changes: dict[str, Any]
) -> None:
    server.say(found({**OPEN, **changes}))
    assert await payments.open_invoice(InvoiceId("in_1")) is None


def test_the_key_is_not_shown() -> None:
    adapter = StripePayments.connect(
        secret_key="sk_test_secret", storefront_url="https://shop.example", clock=lambda: NOW
    )
    assert "sk_test_secret" not in repr(adapter)


async def test_a_dispute_is_reported_as_it_is_now_and_dated_before_we_asked(
    payments: StripePayments, server: ScriptedHttp
) -> None:
    content = stripe.dispute(Generation.ENDIVE, status="under_review")
    server.say(ScriptedAnswer(body=json.dumps(content).encode()))
    report = await payments.dispute("dp_one")
    assert report is not None
    assert (report.dispute_id, report.status, report.source) == ("dp_one", "under_review", Source.RECONCILE)
    assert report.occurred_at < NOW
    assert server.heard[-1].path == "/v1/disputes/dp_one"


@pytest.mark.parametrize(
    ("at_period_end", "asked", "form"),
    [(True, "POST", {"cancel_at_period_end": "true"}), (False, "DELETE", {})],
)
async def test_a_subscription_is_ended_under_our_key(
    payments: StripePayments, server: ScriptedHttp, at_period_end: bool, asked: str, form: dict[str, str]
) -> None:
    await payments.end_subscription(
        SubscriptionId("sub_1"), at_period_end=at_period_end, key="end:sub_1:in_2"
    )
    [request] = server.heard
    assert (request.method, request.path, request.form) == (asked, "/v1/subscriptions/sub_1", form)
    assert request.headers.get("idempotency-key") == ("end:sub_1:in_2" if at_period_end else None)


@pytest.mark.parametrize("status", ["canceled", "active"])
async def test_an_end_that_stripe_refuses_is_a_fault_only_while_the_subscription_lives(
    payments: StripePayments, server: ScriptedHttp, status: str
) -> None:
    refusal = ScriptedAnswer(status=400, body=b'{"error":{"type":"invalid_request_error"}}')
    server.say(refusal, ScriptedAnswer(body=json.dumps({"id": "sub_1", "status": status}).encode()))
    ending = payments.end_subscription(SubscriptionId("sub_1"), at_period_end=True, key="end:sub_1:in_2")
    if status == "canceled":
        await ending
    else:
        with pytest.raises(Defect):
            await ending

"""`POST /v1/checkout/sessions`: one order, one sale, one page, whatever happens in between."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from checkout_api.dependencies import Adapters
from checkout_api.settings import CheckoutApiSettings
from checkout_api.testing.doubles import NOON, OnePagePerAttempt, StandingClock
from checkout_api.testing.orders import order_body
from checkout_api.testing.running_app import alive, problem_of
from checkout_api.usecases.checkout_sessions import CheckoutSessions
from checkout_api.usecases.start_checkout import StartCheckout
from egpay.domain.cancellation import Cancellation
from egpay.domain.errors import Defect, Outage, PausedByProvider, RefusedByProvider, RequestRefused
from egpay.domain.sale import SaleStatus, SessionProgress
from egpay.domain.subscription import Subscription, SubscriptionStatus
from egpay.domain.values import ProductId, SaleId, SubscriptionId, email_key
from egpay.testing.memory import MemoryStore

URL = "http://api.test"


async def order(client: httpx.AsyncClient, key: str | None = None, **changes: Any) -> httpx.Response:
    headers = {} if key is None else {"idempotency-key": key}
    return await client.post("/v1/checkout/sessions", json=order_body(**changes), headers=headers)


def subscribe(store: MemoryStore, sale_id: str, status: SubscriptionStatus, *, paid: bool = True) -> None:
    """The subscription of a sale as it is reported after the first payment, which is settled unless `paid` is false."""
    name = SubscriptionId(f"sub_{sale_id}")
    if paid:
        store.tables.sales[SaleId(sale_id)] = store.tables.sales[SaleId(sale_id)].settled(
            NOON - timedelta(seconds=1)
        )
    store.tables.subscriptions[name] = Subscription(
        id=name, status=status, reported_at=NOON, sale_id=SaleId(sale_id)
    )


async def test_an_order_becomes_a_sale_with_the_page_where_it_is_paid(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    answer = await order(client)
    told = answer.json()
    sale = store.tables.sales[told["sale_id"]]
    assert answer.status_code == 201
    assert told == {
        "sale_id": sale.id,
        "checkout_session_id": f"cs_test_{sale.id}_1",
        "checkout_url": f"https://pay.test/c/cs_test_{sale.id}_1#fragment",
        "status_url": f"http://api.test/v1/sales/{sale.id}",
    }
    assert answer.headers["location"] == told["status_url"]
    assert (sale.email_key, sale.total, sale.device_quantity, sale.plan) == (
        email_key("ada@example.com"),
        64_600,
        3,
        "plan",
    )
    assert [entry.kind for entry in store.tables.timeline.values()] == [
        "sale.started",
        "checkout.session_opened",
    ]


async def test_the_timeline_of_a_sale_names_no_person(client: httpx.AsyncClient, store: MemoryStore) -> None:
    await order(client)
    lines = msgspec.json.encode(list(store.tables.timeline.values())).decode()
    assert not any(word in lines for word in ("Ada", "ada", "Acme", "Lohm"))


async def test_the_sale_is_kept_before_the_provider_is_asked(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    payments.gate.clear()
    waiting = asyncio.create_task(order(client))
    async with asyncio.timeout(5):
        while not payments.asked:
            await asyncio.sleep(0)
    assert list(store.tables.sales) == [payments.asked[0][0]]
    payments.gate.set()
    assert (await waiting).status_code == 201


async def test_no_buyer_is_sent_to_a_page_of_an_order_that_was_cancelled_meanwhile(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt, clock: StandingClock
) -> None:
    payments.gate.clear()
    waiting = asyncio.create_task(order(client, "key-1"))
    async with asyncio.timeout(5):
        while not payments.asked:
            await asyncio.sleep(0)
    [sale] = store.tables.sales.values()
    store.tables.sales[sale.id] = sale.cancelled_by(Cancellation(at=clock()))
    payments.gate.set()
    for answer in (await waiting, await order(client, "key-1")):
        assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-request")
        assert "the order was cancelled" in answer.json()["detail"]
    again = await order(client, "key-2")
    assert (again.status_code, again.json()["sale_id"] != sale.id) == (201, True)


async def test_the_same_order_of_devices_is_a_new_sale_once_the_first_is_paid(
    client: httpx.AsyncClient, store: MemoryStore, clock: StandingClock
) -> None:
    devices = [{"product": "sensor", "quantity": 3}]
    first, again = (await order(client, line_items=devices)).json(), await order(client, line_items=devices)
    assert again.json() == first
    sale = store.tables.sales[first["sale_id"]]
    store.tables.sales[sale.id] = sale.settled(clock())
    assert (await order(client, line_items=devices)).json()["sale_id"] != sale.id
    assert len(store.tables.sales) == 2


async def test_the_same_key_and_body_give_the_same_answer(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    first = await order(client, "key-1")
    body = json.dumps(dict(reversed(order_body().items())), indent=3)
    headers = {"idempotency-key": "key-1", "content-type": "application/json; charset=utf-8"}
    again = await client.post("/v1/checkout/sessions", content=body, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert (len(store.tables.sales), len(payments.asked)) == (1, 1)


async def test_the_same_key_gives_the_same_answer_when_the_product_is_gone_meanwhile(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    first = await order(client, "key-1")
    store.tables.products.clear()
    assert (await order(client, "key-1")).json() == first.json()


async def test_the_same_key_with_another_body_is_a_mismatch(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    await order(client, "key-1")
    assert problem_of(await order(client, "key-1", name="Grace")) == (422, "idempotency-mismatch")
    assert len(store.tables.sales) == 1


async def test_a_refused_order_leaves_its_key_free(client: httpx.AsyncClient) -> None:
    assert problem_of(await order(client, "key-1", email="no")) == (422, "validation")
    assert (await order(client, "key-1")).status_code == 201


@pytest.mark.parametrize("quantity", [10**30, -(10**30), 1.5])
async def test_a_number_beyond_all_bounds_is_a_field_error_with_a_key_too(
    client: httpx.AsyncClient, quantity: float
) -> None:
    items = [{"product": "sensor", "quantity": quantity}]
    assert problem_of(await order(client, "key-1", line_items=items)) == (422, "validation")


async def test_the_same_key_at_the_same_time_sells_once(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    payments.gate.clear()
    first = asyncio.create_task(order(client, "key-1"))
    async with asyncio.timeout(5):
        while not payments.asked:
            await asyncio.sleep(0)
    second = await order(client, "key-1")
    assert problem_of(second) == (409, "idempotency-in-progress")
    assert second.headers["retry-after"]
    payments.gate.set()
    assert (await order(client, "key-1")).json() == (await first).json()
    assert (len(store.tables.sales), len(payments.asked)) == (1, 1)


@pytest.mark.parametrize(
    ("fault", "status", "retry_after"),
    [
        (Outage("Stripe asks to come back", retry_after=17), 503, "17"),
        (PausedByProvider("Stripe asks for a day", retry_after=86_400), 503, "60"),
        (RefusedByProvider("Stripe refuses our key", status=401), 503, "5"),
        (Outage("Stripe is down"), 503, "5"),
        (Defect("Stripe refuses"), 502, None),
    ],
)
async def test_without_the_provider_the_sale_is_kept_and_the_same_key_continues_it(
    client: httpx.AsyncClient,
    store: MemoryStore,
    payments: OnePagePerAttempt,
    fault: Exception,
    status: int,
    retry_after: str | None,
) -> None:
    payments.fault = fault
    refused = await order(client, "key-1")
    assert problem_of(refused) == (status, "payment-provider")
    assert refused.headers.get("retry-after") == retry_after
    assert problem_of(await order(client, "key-1")) == (status, "payment-provider")
    [kept] = store.tables.sales
    payments.fault = None
    continued = await order(client, "key-1")
    assert (continued.status_code, continued.json()["sale_id"]) == (201, kept)
    assert payments.asked == [(kept, 1)] * 3
    assert list(store.tables.sales) == [kept]


async def test_a_slow_provider_is_not_waited_for_longer_than_the_buyer_would(
    world: Adapters, payments: OnePagePerAttempt, store: MemoryStore
) -> None:
    payments.gate.clear()
    pages = CheckoutSessions(world.create_customer, world.open_checkout, patience=timedelta(milliseconds=20))
    start = StartCheckout(world.begin, pages, world.clock, world.new_sale_id)
    with pytest.raises(Outage, match="slow"):
        await start(order_body(), "key-1")
    payments.gate.set()
    started = await start(order_body(), "key-1")
    assert list(store.tables.sales) == [started.sale_id]


async def test_a_request_that_died_in_the_middle_is_continued_once_its_lease_is_over(
    client: httpx.AsyncClient, payments: OnePagePerAttempt, clock: StandingClock, store: MemoryStore
) -> None:
    payments.gate.clear()
    died = asyncio.create_task(order(client, "key-1"))
    async with asyncio.timeout(5):
        while not payments.asked:
            await asyncio.sleep(0)
    died.cancel()
    payments.gate.set()
    assert problem_of(await order(client, "key-1")) == (409, "idempotency-in-progress")
    clock.forward(seconds=31)
    continued = await order(client, "key-1")
    assert (continued.status_code, [continued.json()["sale_id"]]) == (201, list(store.tables.sales))


async def test_a_database_that_goes_away_after_the_provider_answered_costs_no_second_page(
    client: httpx.AsyncClient, payments: OnePagePerAttempt, clock: StandingClock, store: MemoryStore
) -> None:
    payments.gate.clear()
    interrupted = asyncio.create_task(order(client, "key-1"))
    async with asyncio.timeout(5):
        while not payments.asked:
            await asyncio.sleep(0)
    store.away = True
    payments.gate.set()
    assert problem_of(await interrupted) == (503, "unavailable")
    store.away = False
    clock.forward(seconds=31)
    assert (await order(client, "key-1")).json()["checkout_session_id"].endswith("_1")


@pytest.mark.parametrize("progress", [SessionProgress.EXPIRED, SessionProgress.FAILED])
async def test_a_dead_page_is_not_handed_out_again(
    client: httpx.AsyncClient, store: MemoryStore, progress: SessionProgress
) -> None:
    first = (await order(client, "key-1")).json()
    sale = store.tables.sales[first["sale_id"]]
    assert sale.checkout_session_id
    store.tables.sales[sale.id] = sale.session_reached(sale.checkout_session_id, progress)
    again, once_more = (await order(client, "key-1")).json(), (await order(client, "key-1")).json()
    assert again["sale_id"] == first["sale_id"]
    assert again["checkout_session_id"] == f"cs_test_{sale.id}_2"
    assert once_more == again
    assert store.tables.sales[sale.id].status is SaleStatus.IN_PROGRESS


async def test_a_page_past_its_time_is_not_handed_out_even_if_nobody_told_us(
    client: httpx.AsyncClient, clock: StandingClock
) -> None:
    await order(client, "key-1")
    clock.forward(hours=24)
    assert (await order(client, "key-1")).json()["checkout_session_id"].endswith("_2")


async def test_a_paid_sale_answers_with_the_page_it_was_paid_on(
    client: httpx.AsyncClient, store: MemoryStore, clock: StandingClock
) -> None:
    first = (await order(client, "key-1")).json()
    sale = store.tables.sales[first["sale_id"]]
    store.tables.sales[sale.id] = sale.settled(clock())
    clock.forward(hours=48)
    assert (await order(client, "key-1")).json() == first


@pytest.mark.parametrize("status", ["active", "trialing", "past_due", "unpaid"])
async def test_an_email_whose_subscription_goes_on_gets_no_second_one_in_the_same_words(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt, status: str
) -> None:
    subscribe(store, (await order(client)).json()["sale_id"], SubscriptionStatus(status))
    refused = await order(client, email="Ada@EXAMPLE.com")
    assert problem_of(refused) == (409, "already-subscribed")
    assert refused.json()["detail"] == (
        "this e-mail has a subscription that goes on, which is managed at `manage_url`; to order for an organisation"
        " that is not one of its own, send `another_organisation`: true"
    )
    assert (len(store.tables.sales), len(payments.asked)) == (1, 1)


async def test_a_subscription_whose_end_is_set_refuses_nothing(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    sale_id = (await order(client)).json()["sale_id"]
    subscribe(store, sale_id, SubscriptionStatus.ACTIVE)
    [(name, known)] = store.tables.subscriptions.items()
    store.tables.subscriptions[name] = msgspec.structs.replace(known, cancel_at=NOON + timedelta(days=9))
    assert (await order(client)).status_code == 201


async def test_a_subscription_whose_first_payment_is_under_way_refuses_nothing(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    subscribe(store, (await order(client)).json()["sale_id"], SubscriptionStatus.ACTIVE, paid=False)
    assert (await order(client, organisation="Another")).status_code == 201


@pytest.mark.parametrize("status", ["paused", "incomplete", "incomplete_expired", "canceled"])
async def test_a_subscription_that_is_paused_incomplete_or_over_refuses_nothing(
    client: httpx.AsyncClient, store: MemoryStore, status: str
) -> None:
    subscribe(store, (await order(client)).json()["sale_id"], SubscriptionStatus(status))
    assert (await order(client)).status_code == 201


async def test_a_subscriber_may_order_devices(client: httpx.AsyncClient, store: MemoryStore) -> None:
    subscribe(store, (await order(client)).json()["sale_id"], SubscriptionStatus.ACTIVE)
    assert (await order(client, line_items=[{"product": "sensor", "quantity": 1}])).status_code == 201


async def test_no_new_page_is_opened_for_an_account_that_subscribed_elsewhere_meanwhile(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    payments.fault = Outage("Stripe is down")
    await order(client, "key-1")
    payments.fault = None
    elsewhere = (await order(client, "key-2", organisation="Another")).json()["sale_id"]
    subscribe(store, elsewhere, SubscriptionStatus.ACTIVE)
    assert problem_of(await order(client, "key-1")) == (409, "already-subscribed")


async def test_a_subscription_of_this_very_sale_is_not_in_its_way(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    first = (await order(client, "key-1")).json()
    subscribe(store, first["sale_id"], SubscriptionStatus.ACTIVE)
    assert (await order(client, "key-1")).json() == first


@pytest.mark.parametrize("key", ["", " ", "a b", "ü", "x" * 256, "tab\there"])
async def test_a_key_is_1_to_255_visible_ascii_characters(client: httpx.AsyncClient, key: str) -> None:
    headers = [(b"idempotency-key", key.encode("latin-1"))]
    refused = await client.post("/v1/checkout/sessions", json=order_body(), headers=headers)
    assert problem_of(refused) == (422, "validation")
    assert [error["field"] for error in refused.json()["errors"]] == ["Idempotency-Key"]


async def test_two_keys_in_one_request_are_refused(client: httpx.AsyncClient) -> None:
    headers = [("idempotency-key", "one"), ("idempotency-key", "two")]
    refused = await client.post("/v1/checkout/sessions", json=order_body(), headers=headers)
    assert problem_of(refused) == (422, "validation")


async def test_a_key_of_255_characters_is_taken(client: httpx.AsyncClient) -> None:
    assert (await order(client, "~" * 255)).status_code == 201


async def test_field_errors_name_the_fields_and_nothing_is_kept(
    client: httpx.AsyncClient, store: MemoryStore, payments: OnePagePerAttempt
) -> None:
    refused = await order(
        client, "key-1", line_items=[{"product": "unknown", "quantity": 0}], email="x", extra=1
    )
    assert problem_of(refused) == (422, "validation")
    assert {error["field"] for error in refused.json()["errors"]} == {
        "line_items[0].product",
        "line_items[0].quantity",
        "email",
        "extra",
    }
    assert (store.tables.sales, store.tables.idempotency_keys, payments.asked) == ({}, {}, [])


async def test_a_refusal_of_the_provider_is_told_to_the_caller_the_timeline_and_the_log(
    client: httpx.AsyncClient,
    store: MemoryStore,
    payments: OnePagePerAttempt,
    caplog: pytest.LogCaptureFixture,
) -> None:
    words = "Stripe: InvalidRequestError 400 resource_missing line_items[0][price] (req_1)"
    payments.fault = RequestRefused(
        words, code="resource_missing", param="line_items[0][price]", request_id="req_1"
    )
    refused = await order(client)
    assert problem_of(refused) == (502, "payment-provider")
    assert "resource_missing" in refused.json()["detail"]
    assert "later" not in refused.text
    assert "retry-after" not in refused.headers
    [sale] = store.tables.sales
    started, kept = store.tables.timeline.values()
    assert (started.kind, kept.kind, kept.sale_id) == ("sale.started", "checkout.refused", sale)
    assert words in kept.what
    [logged] = [record for record in caplog.records if record.message == "payment provider refused"]
    assert vars(logged)["reason"] == words


async def test_an_address_that_posts_too_much_is_told_when_to_go_on(
    settings: CheckoutApiSettings, world: Adapters
) -> None:
    limited = msgspec.structs.replace(settings, checkout_rate_limit=2)
    async with (
        alive(limited, world) as app,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=URL) as client,
    ):
        assert [(await order(client)).status_code for _ in range(2)] == [201, 201]
        refused = await order(client)
        assert problem_of(refused) == (429, "rate-limited")
        assert int(refused.headers["retry-after"]) in range(1, 31)
        assert (await client.get("/v1/products")).status_code == 200
        assert (await client.post("/webhooks/stripe")).status_code == 400


async def test_without_the_database_an_order_is_an_outage(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    store.away = True
    refused = await order(client)
    assert problem_of(refused) == (503, "unavailable")
    assert refused.headers["retry-after"]


async def test_nothing_of_a_buyer_reaches_a_log(
    client: httpx.AsyncClient,
    store: MemoryStore,
    payments: OnePagePerAttempt,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    await order(client, "key-1")
    for fault in (Outage("down"), Defect("refused"), ValueError("Ada Lovelace, ada@example.com")):
        payments.fault = fault
        await order(client, organisation="Acme Two")
    store.away = True
    await order(client)
    await order(client, email="ada@", name="Ada\n")
    told = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert len(caplog.records) >= 4
    assert not any(word in told for word in ("Ada", "ada@", "Lovelace", "Acme", "Lohm", "12435"))


async def test_an_order_of_what_the_provider_does_not_sell_says_that_the_catalogue_is_not_synced(
    client: httpx.AsyncClient,
    store: MemoryStore,
    payments: OnePagePerAttempt,
    caplog: pytest.LogCaptureFixture,
) -> None:
    del store.tables.prices[ProductId("plan")]
    refused = await order(client, "key-1")
    assert problem_of(refused) == (503, "payment-provider")
    assert refused.json()["detail"] == "the catalogue is not synced with the payment provider: plan"
    assert refused.headers["retry-after"] == "60"
    assert (list(store.tables.sales), payments.asked) == ([], [])
    assert any("not synced" in str(vars(record).get("reason")) for record in caplog.records)
    store.tables.prices[ProductId("plan")] = "price_plan"
    assert (await order(client, "key-1")).status_code == 201


async def test_an_order_keeps_the_price_at_which_it_was_placed(
    client: httpx.AsyncClient, store: MemoryStore
) -> None:
    await order(client)
    [placed] = store.tables.orders.values()
    assert [(line.product, line.price) for line in placed.lines] == [
        ("sensor", "price_sensor"),
        ("plan", "price_plan"),
    ]


@pytest.mark.parametrize(("amount", "quantity", "status"), [(10, 4, 422), (10, 5, 201), (0, 1, 201)])
async def test_what_is_due_now_is_nothing_or_at_least_what_stripe_charges(
    client: httpx.AsyncClient, store: MemoryStore, amount: int, quantity: int, status: int
) -> None:
    sensor = store.tables.products[ProductId("sensor")]
    store.tables.products[sensor.id] = msgspec.structs.replace(sensor, unit_amount=amount)
    answer = await order(client, line_items=[{"product": "sensor", "quantity": quantity}])
    assert answer.status_code == status
    if status == 422:
        [error] = answer.json()["errors"]
        assert error == {
            "field": "line_items",
            "message": "cost 0.40 EUR together; a payment is at least 0.50 EUR",
        }

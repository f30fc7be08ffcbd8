"""The webhook door: 200 once it is on disk, a problem otherwise, and never a 500 for what a stranger sends."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from checkout_api.dependencies import Adapters
from checkout_api.http.webhook_fast_path import LIMIT
from checkout_api.settings import CheckoutApiSettings
from checkout_api.testing.doubles import ListInbox, StandingClock
from checkout_api.testing.running_app import problem_of
from egpay.adapters.system.ids import new_sale_id
from egpay.adapters.warehouse.signing import Signing
from egpay.domain.errors import Outage
from egpay.ports.inbox import Disposition
from egpay.testing.stripe_events import event, signature

CUSTOMER = event("customer.created", {"id": "cus_1", "object": "customer"})
OLD_SECRET = "whsec_the_one_before"


@pytest.fixture
def inbox() -> ListInbox:
    return ListInbox()


@pytest.fixture
def world(world: Adapters, inbox: ListInbox) -> Adapters:
    return replace(world, inbox=inbox)


async def send(client: httpx.AsyncClient, body: Any, header: str | None) -> httpx.Response:
    headers = {} if header is None else {"stripe-signature": header}
    return await client.post("/webhooks/stripe", content=body, headers=headers)


async def test_a_signed_event_is_stored_byte_for_byte_and_answered_with_an_empty_200(
    client: httpx.AsyncClient, inbox: ListInbox, clock: StandingClock
) -> None:
    answer = await send(client, CUSTOMER, signature(CUSTOMER, at=clock()))
    assert (answer.status_code, answer.content) == (200, b"")
    assert [receipt.body for receipt in inbox.receipts] == [CUSTOMER]


@pytest.mark.parametrize(
    ("body", "disposition"),
    [
        (CUSTOMER, Disposition.IGNORED),
        (event("some.new.type", {"id": "x"}), Disposition.IGNORED),
        (event("invoice.paid", {"id": "in_1", "object": "invoice"}, livemode=True), Disposition.IGNORED),
        (
            event("customer.subscription.updated", {"id": "sub_1", "object": "subscription"}),
            Disposition.PARKED,
        ),
    ],
)
async def test_what_is_unknown_not_ours_or_not_understood_is_answered_with_200_too(
    client: httpx.AsyncClient, inbox: ListInbox, clock: StandingClock, body: bytes, disposition: Disposition
) -> None:
    assert (await send(client, body, signature(body, at=clock()))).status_code == 200
    assert [receipt.disposition for receipt in inbox.receipts] == [disposition]


async def test_the_previous_secret_still_opens(
    client: httpx.AsyncClient, inbox: ListInbox, clock: StandingClock
) -> None:
    header = signature(CUSTOMER, at=clock(), secret=OLD_SECRET)
    assert (await send(client, CUSTOMER, header)).status_code == 200
    assert len(inbox.receipts) == 1


@pytest.mark.parametrize(
    "header",
    [None, "", "t=,v1=", "v1=00", "t=1795000000", "t=x,v1=00", "t=-1,v1=0", "t=1,t=2,v1=00", ",,,", "=" * 5000,
     "t=1795000000,v0=" + "0" * 64, "t=99999999999999999999,v1=00", "\x01\x7f", "Ã¼"],
)  # fmt: skip
async def test_a_strangers_header_gets_400_and_leaves_no_row(
    client: httpx.AsyncClient, inbox: ListInbox, header: str | None
) -> None:
    raw = [] if header is None else [(b"stripe-signature", header.encode("latin-1"))]
    answer = await client.post("/webhooks/stripe", content=CUSTOMER, headers=raw)
    assert problem_of(answer) == (400, "bad-signature")
    assert inbox.receipts == []


async def test_a_wrong_an_old_and_a_future_signature_get_400_and_leave_no_row(
    client: httpx.AsyncClient, inbox: ListInbox, clock: StandingClock
) -> None:
    headers = (
        signature(CUSTOMER, at=clock(), secret="whsec_not_ours"),
        signature(CUSTOMER, at=clock() - timedelta(seconds=301)),
        signature(CUSTOMER, at=clock() + timedelta(seconds=301)),
        signature(CUSTOMER + b" ", at=clock()),
    )
    for header in headers:
        assert problem_of(await send(client, CUSTOMER, header)) == (400, "bad-signature")
    assert inbox.receipts == []


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"[]", b"null", b"5", b'"text"', b"{}", b'{"id": 5}', b"\xff\xfe", b'{"id":"\xff"}', b"[" * 50_000,
     b'{"id":"evt_1","type":"customer.created"', json.dumps({"object": "v2.core.event"}).encode()],
)  # fmt: skip
async def test_signed_nonsense_gets_400_and_leaves_no_row(
    client: httpx.AsyncClient, inbox: ListInbox, clock: StandingClock, body: bytes
) -> None:
    assert problem_of(await send(client, body, signature(body, at=clock())))[0] == 400
    assert inbox.receipts == []


async def test_one_byte_over_a_mebibyte_is_too_large_however_it_is_declared(
    client: httpx.AsyncClient, inbox: ListInbox, clock: StandingClock
) -> None:
    body = CUSTOMER + b" " * (LIMIT + 1 - len(CUSTOMER))

    async def chunked() -> AsyncIterator[bytes]:
        yield body

    header = signature(body, at=clock())
    assert problem_of(await send(client, body, header)) == (413, "too-large")
    assert problem_of(await send(client, chunked(), header)) == (413, "too-large")
    assert inbox.receipts == []
    assert (await send(client, body[:-1], signature(body[:-1], at=clock()))).status_code == 200


async def test_an_endless_body_is_left_where_it_is(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65_536
            yield b" " * 65_536

    answer = await send(client, endless(), "t=1,v1=00")
    assert problem_of(answer) == (413, "too-large")
    assert answer.headers["connection"] == "close"
    assert sent <= LIMIT + 2 * 65_536


async def test_what_cannot_be_stored_gets_503_with_retry_after(
    client: httpx.AsyncClient, inbox: ListInbox, clock: StandingClock
) -> None:
    inbox.fault = Outage("the database does not answer", retry_after=7)
    answer = await send(client, CUSTOMER, signature(CUSTOMER, at=clock()))
    assert problem_of(answer) == (503, "unavailable")
    assert answer.headers["retry-after"] == "7"


async def test_even_a_bug_of_ours_behind_the_door_is_a_503_so_that_it_comes_again(
    client: httpx.AsyncClient, inbox: ListInbox, clock: StandingClock
) -> None:
    inbox.fault = KeyError("ada@example.com")
    answer = await send(client, CUSTOMER, signature(CUSTOMER, at=clock()))
    assert problem_of(answer) == (503, "unavailable")
    assert "ada" not in answer.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
async def test_a_webhook_is_posted(client: httpx.AsyncClient, method: str) -> None:
    for path in ("/webhooks/stripe", "/webhooks/warehouse"):
        answer = await client.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_the_warehouse_knocks_with_a_signature_of_its_own(
    client: httpx.AsyncClient, inbox: ListInbox, clock: StandingClock, settings: CheckoutApiSettings
) -> None:
    report = {"sale_id": new_sale_id(), "tracking_url": "https://track.test/1"}
    body = json.dumps({"type": "shipment.shipped", "timestamp": clock().isoformat(), "data": report}).encode()
    headers = Signing(settings.warehouse_secret.reveal()).headers("msg_1", body, at=clock())
    assert (await client.post("/webhooks/warehouse", content=body, headers=headers)).status_code == 200
    assert [receipt.event_id for receipt in inbox.receipts] == ["warehouse:msg_1"]
    forged = {**headers, "webhook-id": "msg_2"}
    answer = await client.post("/webhooks/warehouse", content=body, headers=forged)
    assert problem_of(answer) == (400, "bad-signature")
    assert len(inbox.receipts) == 1


async def test_a_callers_trace_goes_with_the_webhook(
    client: httpx.AsyncClient, inbox: ListInbox, clock: StandingClock
) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {
        "stripe-signature": signature(CUSTOMER, at=clock()),
        "traceparent": f"00-{trace}-b7ad6b7169203331-01",
    }
    await client.post("/webhooks/stripe", content=CUSTOMER, headers=headers)
    assert trace in (inbox.receipts[0].traceparent or "")


async def test_webhooks_are_counted_by_type_and_a_type_that_we_do_not_know_is_counted_as_other(
    client: httpx.AsyncClient, clock: StandingClock
) -> None:
    for number in range(3):
        invented = event(f"customer.invented_{number}", {"id": "cus_one"}, event_id=f"evt_invented_{number}")
        await send(client, invented, signature(invented, at=clock()))
    noted = event("customer.subscription.trial_will_end", {"id": "cus_one"}, event_id="evt_noted")
    await send(client, noted, signature(noted, at=clock()))
    await send(client, CUSTOMER, None)
    numbers = (await client.get("/metrics")).text
    series = {line for line in numbers.splitlines() if line.startswith("egpay_webhooks_total")}
    assert series == {
        'egpay_webhooks_total{disposition="ignored",source="stripe",type="other"} 3.0',
        'egpay_webhooks_total{disposition="ignored",source="stripe",type="customer.subscription.trial_will_end"} 1.0',
    }
    assert 'egpay_http_requests_total{method="POST",route="/webhooks/stripe",status="400"} 1.0' in numbers

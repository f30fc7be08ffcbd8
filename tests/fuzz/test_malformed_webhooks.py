"""Whatever is posted, proven or not: no 5xx, no traceback, no row that should not be, and no growth."""

import base64
import contextlib
import hmac
import json
import socket
import time
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from egpay_system import EgpaySystem, order
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from malformed_webhooks import GENUINE, headers, no_webhook, odd_values, wrong_somewhere
from process_size import growth
from webhook_sender import signed

MEGABYTE = 1024 * 1024
DOORS = ("/webhooks/stripe", "/webhooks/warehouse")

fuzzing = settings(max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))

BODIES = [GENUINE, b"", b"\xff"]


def stripe_proof(egpay: EgpaySystem, body: bytes) -> dict[str, str]:
    return signed(body, egpay.env["STRIPE_WEBHOOK_SECRETS"])


def warehouse_proof(egpay: EgpaySystem, body: bytes) -> dict[str, str]:
    """standardwebhooks.com, over whatever bytes."""
    secret = base64.b64decode(egpay.env["WAREHOUSE_SECRET"].removeprefix("whsec_"))
    stamp = str(int(time.time()))
    proof = hmac.digest(secret, b"msg_1." + stamp.encode() + b"." + body, "sha256")
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(proof).decode()}",
    }


def post(egpay: EgpaySystem, path: str, body: bytes, proof: Any) -> httpx.Response:
    """Post, and expect an answer that blames the sender or thanks him."""
    answer = egpay.browser.post(f"{egpay.api}{path}", content=body, headers=proof)
    assert answer.status_code in (200, 400), answer.text
    assert "Traceback" not in answer.text
    return answer


async def rows(egpay: EgpaySystem, bodies: Sequence[bytes]) -> int:
    """Rows that hold one of these bodies; webhooks of other tests may still be on their way."""
    [row] = await egpay.ask(
        "SELECT (SELECT count(*) FROM webhook_events WHERE body = ANY($1))"
        " + (SELECT count(*) FROM dead_letters WHERE payload = ANY($1))",
        bodies,
    )
    return int(row[0])


@pytest.fixture(scope="module", autouse=True)
def nothing_is_our_fault(dirty_system: EgpaySystem) -> Iterator[None]:
    """After all of it: no error in the log of the API, and all of it still works."""
    yield
    log = (dirty_system.supervisor.logs / "checkout-api.log").read_text()
    faults = [line for line in log.splitlines() if '"level":"ERROR"' in line or "Traceback" in line]
    assert faults == []
    for program in (dirty_system.api, dirty_system.worker):
        ready = dirty_system.browser.get(f"{program}/readyz")
        assert ready.status_code == 200, ready.text


def test_what_is_signed_and_no_webhook_is_refused_or_parked(dirty_system: EgpaySystem) -> None:
    @fuzzing
    @given(body=no_webhook)
    def door(body: bytes) -> None:
        post(dirty_system, DOORS[0], body, stripe_proof(dirty_system, body))
        post(dirty_system, DOORS[1], body, warehouse_proof(dirty_system, body))

    with growth(dirty_system, at_most=30 * MEGABYTE):
        door()


def test_a_signed_event_with_fields_of_other_types_is_thanked_for(dirty_system: EgpaySystem) -> None:
    @settings(fuzzing, max_examples=300)
    @given(body=wrong_somewhere())
    def door(body: bytes) -> None:
        post(dirty_system, DOORS[0], body, stripe_proof(dirty_system, body))

    with growth(dirty_system, at_most=30 * MEGABYTE):
        door()


def test_a_signed_word_of_the_warehouse_with_fields_of_other_types_is_thanked_for(
    dirty_system: EgpaySystem,
) -> None:
    @fuzzing
    @given(kind=odd_values, stamp=odd_values, data=odd_values, tracking=odd_values, sale=odd_values)
    def door(kind: Any, stamp: Any, data: Any, tracking: Any, sale: Any) -> None:
        told = {"type": "shipment.shipped", "timestamp": "2026-11-23T12:00:00Z"}
        parcel = {"sale_id": "sale_aaaaaaaaaaaaaaaaaaaaaaaaaa", "tracking_url": tracking}
        for body in (
            {**told, "type": kind, "data": parcel},
            {**told, "timestamp": stamp, "data": parcel},
            {**told, "data": data},
            {**told, "data": parcel},
            {**told, "data": {**parcel, "sale_id": sale}},
        ):
            raw = json.dumps(body).encode()
            post(dirty_system, DOORS[1], raw, warehouse_proof(dirty_system, raw))

    door()


async def test_what_is_not_proven_is_refused_and_leaves_no_row(dirty_system: EgpaySystem) -> None:
    @fuzzing
    @given(header=headers, stamp=headers, body=st.sampled_from(BODIES))
    def door(header: bytes, stamp: bytes, body: bytes) -> None:
        for proof in (
            [(b"stripe-signature", header)],
            [(b"stripe-signature", header), (b"stripe-signature", stamp)],
        ):
            assert post(dirty_system, DOORS[0], body, proof).status_code == 400
        warehouse = [
            (b"webhook-id", b"msg_1"),
            (b"webhook-timestamp", stamp),
            (b"webhook-signature", header),
        ]
        assert post(dirty_system, DOORS[1], body, warehouse).status_code == 400

    before = await rows(dirty_system, BODIES)
    with growth(dirty_system, at_most=20 * MEGABYTE):
        door()
    assert await rows(dirty_system, BODIES) == before


@pytest.mark.parametrize("path", [*DOORS, "/v1/checkout/sessions"])
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "chunked"])
def test_ten_megabytes_are_refused_and_not_kept_in_memory(
    dirty_system: EgpaySystem, path: str, announced: bool
) -> None:
    body = GENUINE + b" " * 10 * MEGABYTE
    proof = {"content-type": "application/json", **stripe_proof(dirty_system, body)}

    def pieces() -> Iterator[bytes]:
        yield from (body[start : start + 65_536] for start in range(0, len(body), 65_536))

    heard = []
    with growth(dirty_system, at_most=30 * MEGABYTE):
        for _ in range(10):
            # who is refused early may find the connection closed under what is still to be sent
            with contextlib.suppress(httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
                content = body if announced else pieces()
                answer = dirty_system.browser.post(
                    f"{dirty_system.api}{path}", content=content, headers=proof
                )
                heard.append(answer.status_code)
    assert set(heard) <= {413}
    assert heard, "nobody was told why"


def test_senders_who_never_finish_keep_nobody_waiting_and_cost_little(dirty_system: EgpaySystem) -> None:
    place = urlsplit(dirty_system.api)
    head = b"POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\nstripe-signature: t=1,v1=0\r\ncontent-length: 900000\r\n\r\n"
    with growth(dirty_system, at_most=60 * MEGABYTE), contextlib.ExitStack() as stack:
        for _ in range(150):
            slow = stack.enter_context(
                socket.create_connection((place.hostname, place.port or 80), timeout=5)
            )
            slow.sendall(head + b"{" * 60_000)
        began = time.monotonic()
        post(dirty_system, DOORS[0], GENUINE, stripe_proof(dirty_system, GENUINE))
        assert dirty_system.browser.get(f"{dirty_system.api}/readyz").status_code == 200
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "field",
    ["organisation", "name", "email", "billing_email", "line_items[0].product"]
    + [f"shipping_address.{part}" for part in ("line1", "line2", "city", "state", "postal_code", "country")],
)
@pytest.mark.parametrize("odd", ["\x00", "a\x00b", "two\nlines"])
def test_a_text_that_no_database_keeps_is_refused_by_the_name_of_its_field(
    dirty_system: EgpaySystem, field: str, odd: str
) -> None:
    body = order(billing_email="books@harbour.example")
    place, _, part = field.rpartition(".")
    holder: dict[str, Any] = {"": body, "line_items[0]": body["line_items"][0]}.get(place) or body[place]
    holder[part] = odd
    answer = dirty_system.browser.post(f"{dirty_system.api}/v1/checkout/sessions", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/validation")
    assert field in {error["field"] for error in answer.json()["errors"]}

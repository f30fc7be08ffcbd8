"""What the warehouse tells us, whether it is the warehouse, and that nothing it says breaks the door."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from egpay.adapters.warehouse.reader import WarehouseWebhooks
from egpay.domain.events import ShipmentReported, Source
from egpay.domain.shipment import Progress
from egpay.ports.inbox import Disposition, Receipt
from egpay.ports.webhooks import BadBody, BadSignature

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DOOR = WarehouseWebhooks.with_secret(SECRET)
SHIPPED = {
    "type": "shipment.shipped",
    "timestamp": "2026-11-23T12:59:58+01:00",
    "data": {
        "sale_id": "sale_one",
        "carrier": "Royal Mail",
        "tracking_number": "RM 1",
        "tracking_url": "https://track.example/RM1",
    },
}


def headers(
    body: bytes, *, at: datetime = NOW, message_id: str = "msg_1", secret: str = SECRET
) -> dict[str, str]:
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message_id, at, body.decode("utf-8", "replace")),
    }


def said(content: Any) -> bytes:
    return json.dumps(content).encode()


def read(content: Any) -> Receipt:
    body = said(content)
    return DOOR.read(body, headers(body), at=NOW)


def report(content: Any) -> ShipmentReported:
    receipt = read(content)
    assert receipt.disposition is Disposition.ACCEPTED, receipt.reason
    assert isinstance(receipt.event, ShipmentReported)
    return receipt.event


def test_a_shipment_on_its_way_has_its_tracking() -> None:
    shipped = report(SHIPPED)
    assert (shipped.sale_id, shipped.progress) == ("sale_one", Progress.SHIPPED)
    assert (shipped.carrier, shipped.tracking_number) == ("Royal Mail", "RM 1")
    assert shipped.tracking_url == "https://track.example/RM1"


def test_the_receipt_is_told_apart_from_stripes() -> None:
    receipt = read(SHIPPED)
    assert receipt.source is Source.WAREHOUSE
    assert receipt.event_id == "warehouse:msg_1"
    assert receipt.event is not None
    assert (receipt.event.id, receipt.event.source) == ("warehouse:msg_1", Source.WAREHOUSE)
    assert receipt.occurred_at == receipt.event.occurred_at == datetime(2026, 11, 23, 11, 59, 58, tzinfo=UTC)
    assert (receipt.sale_id, receipt.reason) == ("sale_one", None)


@pytest.mark.parametrize(
    ("kind", "progress"),
    [
        ("shipment.accepted", Progress.ACCEPTED),
        ("shipment.shipped", Progress.SHIPPED),
        ("shipment.delivered", Progress.DELIVERED),
        ("shipment.failed", Progress.FAILED),
        ("shipment.returned", Progress.RETURNED),
    ],
)
def test_each_type_says_how_far_the_devices_have_come(kind: str, progress: Progress) -> None:
    assert report({**SHIPPED, "type": kind, "data": {"sale_id": "sale_one"}}).progress is progress


@pytest.mark.parametrize(("number", "read"), [("P-1", "P-1"), (7, "7"), ("", None), (None, None)])
def test_a_parcel_has_the_warehouses_own_number(number: object, read: str | None) -> None:
    told = report({**SHIPPED, "data": {"sale_id": "sale_one", "parcel": number, "attempt": 2}})
    assert (told.parcel, told.attempt) == (read, 2)


@pytest.mark.parametrize(
    "data", [{"parcel": "1" * 256}, {"parcel": "a\u0000"}, {"parcel": ["1"]}, {"attempt": 0}]
)
def test_a_parcel_that_cannot_be_told_from_another_is_set_aside(data: dict[str, object]) -> None:
    receipt = read({**SHIPPED, "data": {"sale_id": "sale_one", **data}})
    assert receipt.disposition is Disposition.PARKED


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,hello",
        "//track.example/1",
        "track.example/1",
        "https://",
        "http://[",
        "https://track.example/\n1",
        "https://track.example/ 1",
        "https://track.example/" + "1" * 5_000,
        "",
        None,
    ],
)
def test_a_link_that_is_not_of_the_web_is_dropped(url: str | None) -> None:
    data = {"sale_id": "sale_one", "tracking_number": "RM 1", "tracking_url": url}
    shipped = report({**SHIPPED, "data": data})
    assert shipped.tracking_url is None
    assert shipped.tracking_number == "RM 1"


def test_types_that_nothing_follows_from_are_ignored() -> None:
    receipt = read({**SHIPPED, "type": "shipment.weighed"})
    assert receipt.disposition is Disposition.IGNORED
    assert receipt.reason


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({**SHIPPED, "data": {}}, "sale_id"),
        ({**SHIPPED, "data": {"sale_id": 7}}, "sale_id"),
        ({**SHIPPED, "data": {"sale_id": "a\u0000b"}}, "sale_id"),
        ({**SHIPPED, "data": {"sale_id": "sale_one\n"}}, "sale_id"),
        ({**SHIPPED, "data": {"sale_id": "sale_one or another"}}, "sale_id"),
        ({**SHIPPED, "data": {"sale_id": "sale_" + "1" * 255}}, "sale_id"),
        ({**SHIPPED, "data": {"sale_id": "sale_one", "carrier": []}}, "carrier"),
        ({**SHIPPED, "timestamp": "yesterday"}, "RFC3339"),
        ({**SHIPPED, "timestamp": "2026-11-23T12:00:00"}, "timezone"),
        ({"type": "shipment.shipped", "data": {"sale_id": "sale_one"}}, "datetime"),
        ({"type": "shipment.shipped"}, "object"),
    ],
)
def test_what_is_not_understood_is_parked_with_its_reason(content: Any, field: str) -> None:
    receipt = read(content)
    assert receipt.disposition is Disposition.PARKED
    assert field in (receipt.reason or "")
    assert receipt.occurred_at == NOW


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{", b"{}", b'{"type": 7}', b'{"type": "a\\u0000b"}', b"[" * 9_999]
)
def test_a_signed_body_that_is_no_message_is_a_bad_body(body: bytes) -> None:
    with pytest.raises(BadBody):
        DOOR.read(body, headers(body), at=NOW)


@pytest.mark.parametrize("message_id", ["msg_2 ", "../msg_2", "msg_2?x=", "msg_" + "2" * 255, "?"])
def test_a_signed_message_under_what_is_no_id_is_a_bad_body(message_id: str) -> None:
    body = said(SHIPPED)
    with pytest.raises(BadBody, match="webhook-id"):
        DOOR.read(body, headers(body, message_id=message_id), at=NOW)


@pytest.mark.parametrize("message_id", ["msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", "b7d1-4c", "shipment.shipped:71"])
def test_an_id_of_any_usual_form_is_kept(message_id: str) -> None:
    body = said(SHIPPED)
    assert DOOR.read(body, headers(body, message_id=message_id), at=NOW).event_id == f"warehouse:{message_id}"


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_between_the_clocks_are_forgiven_both_ways(seconds: int) -> None:
    body = said(SHIPPED)
    DOOR.read(body, headers(body, at=NOW + timedelta(seconds=seconds)), at=NOW)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_more_than_five_minutes_are_not(seconds: int) -> None:
    body = said(SHIPPED)
    with pytest.raises(BadSignature):
        DOOR.read(body, headers(body, at=NOW + timedelta(seconds=seconds)), at=NOW)


def test_one_of_several_signatures_is_enough() -> None:
    body = said(SHIPPED)
    signed = headers(body)
    signed["webhook-signature"] = "v1a,other v1,AAAA " + signed["webhook-signature"]
    assert DOOR.read(body, signed, at=NOW).disposition is Disposition.ACCEPTED


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", "é", "\udcff", "a\nb", "v1", "v1,", "1_0", "9" * 4_000])
def test_a_hostile_header_is_a_bad_signature_and_no_other_error(name: str, value: str | None) -> None:
    body = said(SHIPPED)
    given_headers = {**headers(body), name: value}
    with pytest.raises(BadSignature):
        DOOR.read(body, {key: text for key, text in given_headers.items() if text is not None}, at=NOW)


def test_another_secret_is_not_believed() -> None:
    body = said(SHIPPED)
    with pytest.raises(BadSignature):
        DOOR.read(body, headers(body, secret="whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), at=NOW)


def test_a_body_that_is_not_utf8_is_not_believed() -> None:
    with pytest.raises(BadSignature):
        DOOR.read(b"\xff", headers(b"\xff"), at=NOW)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["type", "timestamp", "data"]),
        st.none()
        | st.integers()
        | st.text()
        | st.sampled_from([SHIPPED["type"], SHIPPED["timestamp"], SHIPPED["data"]]),
    )
)
def test_no_signed_message_of_any_shape_breaks_the_door(content: dict[str, Any]) -> None:
    try:
        receipt = read(content)
    except BadBody:
        return
    assert (receipt.event is not None) is (receipt.disposition is Disposition.ACCEPTED)


def test_the_secret_is_not_shown() -> None:
    assert SECRET not in repr(DOOR)

"""What the warehouse hears from us, and what we make of its answers."""

import json
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta

import msgspec
import pytest
from standardwebhooks import Webhook

from egpay.adapters.system.clock import utc_now
from egpay.adapters.warehouse.gateway import WarehouseGateway
from egpay.domain.catalogue import Kind
from egpay.domain.errors import Defect, Outage, PausedByProvider, RefusedByProvider
from egpay.domain.order import OrderLine
from egpay.domain.values import Address, MessageId, ProductId, SaleId
from egpay.ports.fulfilment import ShippingOrder
from egpay.testing.scripted_http import ScriptedAnswer, ScriptedHttp, scripted_http

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SALE = SaleId("sale_one")
KEY = MessageId("ship:sale_one")
ORDER = ShippingOrder(
    sale_id=SALE,
    name="Ada Lovelace",
    organisation="Engines Ltd",
    address=Address(line1="12 St James's Square", city="London", postal_code="SW1Y", country="GB"),
    devices=[
        OrderLine(
            product=ProductId("sensor"),
            kind=Kind.DEVICE,
            name="Sensor",
            quantity=3,
            unit_amount=9_900,
            currency="eur",
        )
    ],
)


@pytest.fixture
async def warehouse() -> AsyncIterator[ScriptedHttp]:
    async with scripted_http() as script:
        yield script


@pytest.fixture
async def gateway(warehouse: ScriptedHttp) -> AsyncIterator[WarehouseGateway]:
    adapter = WarehouseGateway.connect(url=f"{warehouse.url}/inbox", secret=SECRET, clock=utc_now)
    yield adapter
    await adapter.aclose()


async def test_an_order_to_ship_carries_whom_where_and_what(
    warehouse: ScriptedHttp, gateway: WarehouseGateway
) -> None:
    await gateway.ship(ORDER, key=KEY)
    [heard] = warehouse.heard
    said = json.loads(heard.body)
    assert (heard.method, heard.target) == ("POST", "/inbox")
    assert heard.headers["content-type"] == "application/json"
    assert said["type"] == "shipment.requested"
    assert datetime.fromisoformat(said["timestamp"]).tzinfo is not None
    assert said["data"] == {
        "sale_id": "sale_one",
        "name": "Ada Lovelace",
        "organisation": "Engines Ltd",
        "address": {
            "line1": "12 St James's Square",
            "line2": "",
            "city": "London",
            "state": "",
            "postal_code": "SW1Y",
            "country": "GB",
        },
        "items": [{"product": "sensor", "name": "Sensor", "quantity": 3}],
    }


async def test_hold_release_and_cancel_name_the_sale_and_nothing_else(
    warehouse: ScriptedHttp, gateway: WarehouseGateway
) -> None:
    await gateway.hold(SALE, key=MessageId("hold:sale_one"))
    await gateway.release(SALE, key=MessageId("release:sale_one"))
    await gateway.cancel(SALE, key=MessageId("cancel:sale_one"))
    said = [json.loads(heard.body) for heard in warehouse.heard]
    assert [message["type"] for message in said] == [
        "shipment.held",
        "shipment.released",
        "shipment.cancelled",
    ]
    assert all(message["data"] == {"sale_id": "sale_one"} for message in said)
    assert [heard.headers["webhook-id"] for heard in warehouse.heard] == [
        "hold:sale_one",
        "release:sale_one",
        "cancel:sale_one",
    ]


async def test_every_instruction_bears_its_number_and_one_of_old_bears_none(
    warehouse: ScriptedHttp, gateway: WarehouseGateway
) -> None:
    await gateway.ship(ORDER, key=KEY, revision=1)
    await gateway.hold(SALE, key=MessageId("hold:sale_one"), revision=2)
    await gateway.release(SALE, key=MessageId("release:sale_one"), revision=3)
    await gateway.cancel(SALE, key=MessageId("cancel:sale_one"), revision=4)
    await gateway.cancel(SALE, key=MessageId("cancel:of_old"))
    said = [json.loads(heard.body)["data"].get("revision") for heard in warehouse.heard]
    assert said == [1, 2, 3, 4, None]


async def test_a_change_names_what_is_to_be_sent_where_to_and_a_further_request_its_number(
    warehouse: ScriptedHttp, gateway: WarehouseGateway
) -> None:
    fewer = msgspec.structs.replace(ORDER, devices=[msgspec.structs.replace(ORDER.devices[0], quantity=2)])
    await gateway.change(fewer, key=MessageId("change:sale_one:2"), revision=2)
    await gateway.ship(
        msgspec.structs.replace(ORDER, attempt=2), key=MessageId("ship:sale_one:2"), revision=3
    )
    change, again = [json.loads(heard.body) for heard in warehouse.heard]
    assert (change["type"], change["data"]) == (
        "shipment.changed",
        {
            "sale_id": "sale_one",
            "name": "Ada Lovelace",
            "organisation": "Engines Ltd",
            "address": msgspec.structs.asdict(ORDER.address),
            "items": [{"product": "sensor", "name": "Sensor", "quantity": 2}],
            "revision": 2,
        },
    )
    assert (again["type"], again["data"]["attempt"]) == ("shipment.requested", 2)


async def test_an_independent_receiver_believes_the_signature(
    warehouse: ScriptedHttp, gateway: WarehouseGateway
) -> None:
    await gateway.ship(ORDER, key=KEY)
    [heard] = warehouse.heard
    assert Webhook(SECRET).verify(heard.body, dict(heard.headers))["type"] == "shipment.requested"


async def test_another_try_is_signed_anew_under_the_same_id(warehouse: ScriptedHttp) -> None:
    start = utc_now()
    times: Iterator[datetime] = (start + timedelta(seconds=seconds) for seconds in (0, 1_000))
    gateway = WarehouseGateway.connect(url=warehouse.url, secret=SECRET, clock=lambda: next(times))
    await gateway.ship(ORDER, key=KEY)
    await gateway.ship(ORDER, key=KEY)
    first, second = (heard.headers for heard in warehouse.heard)
    assert first["webhook-id"] == second["webhook-id"] == KEY
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 1_000
    assert first["webhook-signature"] != second["webhook-signature"]
    await gateway.aclose()


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_success_means_taken(
    warehouse: ScriptedHttp, gateway: WarehouseGateway, status: int
) -> None:
    warehouse.say(ScriptedAnswer(status, b""))
    await gateway.ship(ORDER, key=KEY)


@pytest.mark.parametrize(
    "answer", [ScriptedAnswer(429), ScriptedAnswer(500), ScriptedAnswer(503), ScriptedAnswer(drops=True)]
)
async def test_trouble_at_the_warehouse_is_an_outage(
    warehouse: ScriptedHttp, gateway: WarehouseGateway, answer: ScriptedAnswer
) -> None:
    warehouse.say(answer)
    with pytest.raises(Outage):
        await gateway.ship(ORDER, key=KEY)
    assert len(warehouse.heard) == 1


async def test_the_warehouse_may_say_when_to_come_back(
    warehouse: ScriptedHttp, gateway: WarehouseGateway
) -> None:
    warehouse.say(ScriptedAnswer(503, headers={"retry-after": "30"}))
    with pytest.raises(PausedByProvider) as outage:
        await gateway.hold(SALE, key=KEY)
    assert outage.value.retry_after == 30.0


async def test_the_warehouse_may_name_the_moment_to_come_back_at(
    warehouse: ScriptedHttp, gateway: WarehouseGateway
) -> None:
    dates = {"date": "Mon, 23 Nov 2026 12:00:00 GMT", "retry-after": "Mon, 23 Nov 2026 12:00:30 GMT"}
    warehouse.say(ScriptedAnswer(503, headers=dates))
    with pytest.raises(PausedByProvider) as outage:
        await gateway.hold(SALE, key=KEY)
    assert outage.value.retry_after == 30.0


@pytest.mark.parametrize("asked", ["0", "-1", "nan", "31536000", "99999999999", "9" * 400])
async def test_what_no_warehouse_can_mean_pauses_nothing(
    warehouse: ScriptedHttp, gateway: WarehouseGateway, asked: str
) -> None:
    warehouse.say(ScriptedAnswer(503, headers={"retry-after": asked}))
    with pytest.raises(Outage) as outage:
        await gateway.hold(SALE, key=KEY)
    assert not isinstance(outage.value, PausedByProvider)
    assert outage.value.retry_after is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 401, 403, 404, 405, 407, 408, 409, 421, 425])
async def test_an_answer_about_us_and_not_about_the_order_is_an_outage_with_its_status(
    warehouse: ScriptedHttp, gateway: WarehouseGateway, status: int
) -> None:
    warehouse.say(ScriptedAnswer(status, b'{"error": "who are you, Ada Lovelace"}'))
    with pytest.raises(RefusedByProvider) as refusal:
        await gateway.ship(ORDER, key=KEY)
    assert (refusal.value.status, refusal.value.undone) == (status, True)
    assert "Ada" not in str(refusal.value)


@pytest.mark.parametrize("status", [400, 402, 406, 410, 411, 413, 415, 422])
async def test_a_refusal_is_our_defect_and_names_nobody(
    warehouse: ScriptedHttp, gateway: WarehouseGateway, status: int
) -> None:
    warehouse.say(ScriptedAnswer(status, b'{"error": "no such street for Ada Lovelace"}'))
    with pytest.raises(Defect) as defect:
        await gateway.ship(ORDER, key=KEY)
    assert str(status) in str(defect.value)
    assert "Ada" not in str(defect.value)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"code": "invalid_address", "error": "no such street for Ada Lovelace"}', " invalid_address"),
        (b'{"code": "lovelace"}', ""),
        (b'{"code": "Ada Lovelace"}', ""),
        (b'{"code": 7}', ""),
        (b"\xff not JSON", ""),
    ],
)
async def test_a_refusal_keeps_the_warehouses_own_code_and_no_other_word_of_it(
    warehouse: ScriptedHttp, gateway: WarehouseGateway, body: bytes, shown: str
) -> None:
    warehouse.say(ScriptedAnswer(422, body))
    with pytest.raises(Defect) as defect:
        await gateway.ship(ORDER, key=KEY)
    assert str(defect.value) == f"the warehouse answered 422{shown}"


async def test_an_address_never_follows_a_redirect(
    warehouse: ScriptedHttp, gateway: WarehouseGateway
) -> None:
    async with scripted_http() as elsewhere:
        warehouse.say(ScriptedAnswer(307, headers={"location": elsewhere.url}))
        with pytest.raises(RefusedByProvider):
            await gateway.ship(ORDER, key=KEY)
        assert elsewhere.heard == []


async def test_nobody_at_the_warehouse_is_an_outage() -> None:
    async with scripted_http() as gone:
        url = gone.url
    gateway = WarehouseGateway.connect(url=url, secret=SECRET, clock=utc_now)
    with pytest.raises(Outage):
        await gateway.ship(ORDER, key=KEY)
    await gateway.aclose()


async def test_a_silent_warehouse_is_an_outage(warehouse: ScriptedHttp) -> None:
    gateway = WarehouseGateway.connect(url=warehouse.url, secret=SECRET, clock=utc_now, timeout=0.05)
    warehouse.say(ScriptedAnswer(hangs=True))
    with pytest.raises(Outage):
        await gateway.cancel(SALE, key=KEY)
    await gateway.aclose()


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_a"])
def test_a_secret_that_is_none_is_noticed_at_the_start(secret: str) -> None:
    with pytest.raises(Defect):
        WarehouseGateway.connect(url="http://127.0.0.1:1", secret=secret, clock=utc_now)

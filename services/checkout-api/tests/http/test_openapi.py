"""The description of the API: every route in words, with an example that works and what it asks of a caller."""

from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import msgspec
import pytest

from checkout_api.http.openapi.document import document
from checkout_api.http.openapi.operation import Operation
from checkout_api.http.openapi.operations import OPERATIONS
from checkout_api.usecases.order_form import OrderForm

DESCRIPTION = document("http://api.test")
NAMES = [operation.name for operation in OPERATIONS]


def described() -> list[dict[str, Any]]:
    return [operation for methods in DESCRIPTION["paths"].values() for operation in methods.values()]


def test_a_client_gets_a_method_of_its_own_for_each_route() -> None:
    assert len(set(NAMES)) == len(OPERATIONS)
    assert all(name.isidentifier() and name[0].islower() for name in NAMES)
    assert {one["operationId"] for one in described()} == set(NAMES)


def test_every_route_says_what_it_is_for_and_what_a_caller_must_show() -> None:
    tags = {tag["name"] for tag in DESCRIPTION["tags"]}
    schemes = DESCRIPTION["components"]["securitySchemes"]
    for one in described():
        assert len(one["summary"]) <= 40
        assert one["description"].endswith((".", "`"))
        assert set(one["tags"]) <= tags
        assert all(name in schemes for need in one["security"] for name in need)


def test_only_the_product_and_the_providers_show_anything() -> None:
    asking = {one["operationId"] for one in described() if one["security"]}
    assert asking == {"getOrganisationAccess", "receiveStripeEvent", "receiveWarehouseMessage"}


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_an_example_is_what_is_sent(operation: Operation) -> None:
    if operation.answer is not None:
        assert operation.example is not None
        answer = msgspec.convert(operation.example, operation.answer, strict=True)
        assert msgspec.to_builtins(answer) == operation.example
    if operation.body is not None:
        msgspec.convert(operation.body_example, operation.body, strict=True)


def examples() -> Iterator[tuple[str, Any, Any]]:
    """Every example of the document: where it stands, its schema, and its value."""
    for name, parameter in DESCRIPTION["components"]["parameters"].items():
        yield name, parameter["schema"], parameter["example"]
    for one in described():
        parts = [one["requestBody"]] if "requestBody" in one else []
        for part in (*parts, *one["responses"].values()):
            for content in part.get("content", {}).values():
                several = [each["value"] for each in content.get("examples", {}).values()]
                for value in [content["example"]] if "example" in content else several:
                    yield one["operationId"], content["schema"], value


def test_every_example_has_the_shape_that_stands_beside_it() -> None:
    seen = set()
    for where, schema, value in examples():
        shape = {**schema, "components": DESCRIPTION["components"]}
        faults = [str(fault) for fault in jsonschema_rs.validator_for(shape).iter_errors(value)]
        assert faults == [], where
        seen.add(where)
    assert seen >= {*NAMES, *DESCRIPTION["components"]["parameters"]}


@pytest.mark.parametrize("operation", OPERATIONS, ids=NAMES)
def test_every_route_tells_how_it_may_succeed_and_how_it_may_refuse(operation: Operation) -> None:
    responses = DESCRIPTION["paths"][operation.path][operation.method]["responses"]
    assert any(status.startswith("2") for status in responses)
    assert any(status.startswith("4") for status in responses)


def test_a_request_takes_no_field_that_is_not_described_and_an_answer_may_get_more() -> None:
    shapes = DESCRIPTION["components"]["schemas"]
    closed = {name for name, shape in shapes.items() if shape.get("additionalProperties") is False}
    assert closed == {
        "OrderForm",
        "LineItem",
        "ShippingAddress",
        "PortalForm",
        "InvitationForm",
        "WithdrawalForm",
    }


async def test_what_the_description_closes_is_refused(client: httpx.AsyncClient) -> None:
    (order,) = (one for one in OPERATIONS if one.body is OrderForm)
    for body in (
        {**order.body_example, "more": 1},
        {**order.body_example, "line_items": [{"product": "sensor", "quantity": 1, "more": 1}]},
        {**order.body_example, "shipping_address": {**order.body_example["shipping_address"], "more": 1}},
    ):
        answer = await client.post("/v1/checkout/sessions", json=body)
        assert (answer.status_code, "more" in answer.text) == (422, True)


async def test_a_program_is_told_where_a_browser_is_led(client: httpx.AsyncClient) -> None:
    order = {
        "line_items": [{"product": "sensor", "quantity": 1}],
        "organisation": "Acme",
        "name": "Ada",
        "email": "ada@example.com",
        "shipping_address": {"line1": "1", "city": "Dublin", "country": "IE"},
    }
    placed = (await client.post("/v1/checkout/sessions", json=order)).json()
    path = f"/v1/sales/{placed['sale_id']}/continue"
    for accept in ("*/*", "text/html,application/json;q=0.9"):
        led = await client.get(path, headers={"accept": accept})
        assert (led.status_code, led.headers["location"]) == (303, placed["checkout_url"])
    told = await client.get(path, headers={"accept": "application/json"})
    assert (told.status_code, told.json()) == (200, {"url": placed["checkout_url"]})
    assert told.headers["vary"] == "accept"

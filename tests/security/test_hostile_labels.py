"""What an order may hold, and what of it a parcel or Stripe gets: one visible line each, never more."""

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

import pytest
from hostile_strings import HIDING, HONEST, HOSTILE

from checkout_api.testing.orders import BERLIN, PLAN, SENSOR, order_body
from checkout_api.usecases.errors import InvalidOrder
from checkout_api.usecases.form_parser import parse_form
from checkout_api.usecases.order_form import OrderForm
from checkout_api.usecases.order_validation import check_order
from egpay.adapters.stripe.outbound.checkout import metadata, session_params
from egpay.adapters.stripe.outbound.customers import customer_params
from egpay.adapters.stripe.outbound.payments import StripePayments
from egpay.adapters.system.clock import utc_now
from egpay.adapters.warehouse.gateway import WarehouseGateway
from egpay.domain.catalogue import Kind
from egpay.domain.errors import Defect
from egpay.domain.open_sale import open_sale
from egpay.domain.order import Order, OrderLine
from egpay.domain.values import Address, CustomerId, MessageId, ProductId, SaleId
from egpay.ports.fulfilment import ShippingOrder
from egpay.testing.scripted_http import ScriptedAnswer, scripted_http

SALE = SaleId("sale_abcdefghijklmnopqrstuvwxyz")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PRINTED = (
    "organisation",
    "name",
    *(f"shipping_address.{part}" for part in ("line1", "line2", "city", "state")),
)
EMAILS = (
    "=?utf-8?q?thief=40evil.example?=@example.com",
    "ada@example.com\r\nBcc: thief@evil.example",
    "ada@example.com, thief@evil.example",
    '"ada thief"@example.com',
    "ada\u2028@example.com",
    "ad\u200ba@example.com",
    "ada@exa\u202emple.com",
    "ada@[127.0.0.1]",
    "Ada <ada@example.com>",
)


def with_field(field: str, text: str) -> dict[str, Any]:
    if field.startswith("shipping_address."):
        return order_body(shipping_address={**BERLIN, field.rpartition(".")[2]: text})
    return order_body(**{field: text})


def taken(body: object) -> Order:
    return check_order(parse_form(OrderForm, body), {product.id: product for product in (SENSOR, PLAN)})


def refused(body: object) -> set[str]:
    with pytest.raises(InvalidOrder) as invalid:
        taken(body)
    return {error.field for error in invalid.value.errors}


@pytest.mark.parametrize("field", PRINTED)
@pytest.mark.parametrize("text", HIDING.values(), ids=HIDING)
def test_an_order_with_text_that_hides_something_is_refused_by_the_name_of_its_field(
    field: str, text: str
) -> None:
    assert refused(with_field(field, text[:90])) == {field}


@pytest.mark.parametrize("field", PRINTED)
@pytest.mark.parametrize("text", HONEST, ids=map(ascii, HONEST))
def test_an_honest_text_is_taken_as_it_was_typed(field: str, text: str) -> None:
    if field == "shipping_address.state":
        return  # German addresses have states of a list
    order = taken(with_field(field, text))
    part = field.rpartition(".")[2]
    assert getattr(order.shipping_address if "." in field else order, part) == text


@pytest.mark.parametrize("field", ["organisation", "name"])
def test_a_name_that_is_a_link_is_refused(field: str) -> None:
    assert refused(with_field(field, "You have won! http://evil.example")) == {field}


@pytest.mark.parametrize("field", ["email", "billing_email"])
@pytest.mark.parametrize("address", EMAILS, ids=map(ascii, EMAILS))
def test_an_address_that_could_be_read_as_another_is_refused(field: str, address: str) -> None:
    assert refused(order_body(**{field: address})) == {field}


def test_no_refusal_quotes_the_text() -> None:
    with pytest.raises(InvalidOrder) as invalid:
        taken(order_body(name="Ada\u202eSecret", organisation="http://Secret"))
    assert not any("Secret" in error.message for error in invalid.value.errors)


def a_line(text: str) -> OrderLine:
    return OrderLine(
        product=ProductId("sensor"),
        kind=Kind.DEVICE,
        name=text,
        quantity=1,
        unit_amount=100,
        currency="eur",
        price="price_1",
    )


def an_address(text: str) -> Address:
    return Address(line1=text, line2=text, city=text, state=text, postal_code=text, country="DE")


def an_order(text: str) -> Order:
    """An order as an older release took it, or as it was stored by hand."""
    return Order(
        organisation=text,
        name=text,
        email="ada@example.com",
        billing_email="accounts@example.com",
        lines=(a_line("Sensor"),),
        shipping_address=an_address(text),
    )


def strings(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [text for key, inner in value.items() for text in (*strings(key), *strings(inner))]
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    return [value] if isinstance(value, str) else []


def assert_one_visible_line(text: str, *, longest: int) -> None:
    assert len(text) <= longest
    assert not {unicodedata.category(char) for char in text} & {"Cc", "Cs", "Co", "Zl", "Zp"}
    assert not set(text) & set(
        "\u200b\u200e\u200f\u2060\ufeff\u00ad\u3164\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2069"
    )


@pytest.mark.parametrize("text", [*HOSTILE.values(), *HONEST], ids=[*HOSTILE, *map(ascii, HONEST)])
async def test_every_line_of_a_label_is_one_visible_line(text: str) -> None:
    async with scripted_http() as server:
        warehouse = WarehouseGateway.connect(url=server.url, secret=SECRET, clock=utc_now)
        order = ShippingOrder(
            sale_id=SALE, name=text, organisation=text, address=an_address(text), devices=[a_line(text)]
        )
        await warehouse.ship(order, key=MessageId("ship:1"))
        await warehouse.aclose()
    said = json.loads(server.heard[0].body)["data"]
    assert said["sale_id"] == SALE
    for line in strings(said):
        assert_one_visible_line(line, longest=200)
    for part in ("line2", "city", "state", "postal_code"):
        assert_one_visible_line(said["address"][part], longest=100)
    if text in HONEST:
        shown = " ".join(text.replace("\u200f", "").split())
        assert said["name"] == said["organisation"] == said["address"]["line1"] == shown


@pytest.mark.parametrize("text", [*HOSTILE.values(), *HONEST], ids=[*HOSTILE, *map(ascii, HONEST)])
@pytest.mark.parametrize("what", ["page", "customer"])
async def test_no_text_becomes_a_parameter_of_stripes(text: str, what: str) -> None:
    session = ScriptedAnswer(body=b'{"id":"cs_1","url":"https://checkout.example/c/cs_1"}')
    async with scripted_http() as server:
        server.say(session)
        stripe = StripePayments.connect(
            secret_key="sk_test_x", storefront_url="https://shop.example", clock=utc_now, api_base=server.url
        )
        for one in (text, "Ada"):
            order = an_order(one)
            if what == "page":
                await stripe.open_checkout(
                    open_sale(order, sale_id=SALE, at=utc_now()), order, CustomerId("cus_1")
                )
            else:
                await stripe.create_customer(open_sale(order, sale_id=SALE, at=utc_now()), order)
        await stripe.aclose()
    hostile, usual = (heard.form for heard in server.heard)
    shown = {key for key, value in usual.items() if value == "Ada"}
    assert hostile.keys() | shown == usual.keys()
    assert {key: hostile[key] for key in usual.keys() - shown} == {
        key: usual[key] for key in usual.keys() - shown
    }
    for key in shown & hostile.keys():
        assert_one_visible_line(hostile[key], longest=200)


def test_what_we_mark_at_stripe_fits_its_limits() -> None:
    order = an_order("Ada")
    sale = open_sale(order, sale_id=SALE, at=utc_now())
    params = session_params(
        sale, order, customer=CustomerId("cus_1"), success_url="https://a/", cancel_url="https://a/"
    )
    marks = [params["metadata"], customer_params(sale, order)["metadata"]]
    assert all(len(key) <= 40 and len(value) <= 500 for mark in marks for key, value in mark.items())
    assert len(params["client_reference_id"]) <= 200


@pytest.mark.parametrize(
    "words",
    [
        {"k" * 41: "v"},
        {"key": "v" * 501},
        {"sale[id]": "v"},
        {"": "v"},
        {f"k{number}": "v" for number in range(51)},
    ],
)
def test_metadata_beyond_stripes_limits_is_not_sent(words: dict[str, str]) -> None:
    with pytest.raises(Defect) as defect:
        metadata(words)
    assert "vvv" not in str(defect.value)

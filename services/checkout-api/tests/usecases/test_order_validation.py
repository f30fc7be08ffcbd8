"""What makes an order acceptable, and that a buyer hears of every fault at once."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkout_api.usecases.errors import InvalidOrder
from checkout_api.usecases.form_parser import parse_form
from checkout_api.usecases.idempotency import fingerprint
from checkout_api.usecases.order_form import OrderForm
from checkout_api.usecases.order_validation import check_order
from egpay.domain.catalogue import Interval, Kind, Product
from egpay.domain.countries import served
from egpay.domain.order import Order
from egpay.domain.values import Address, ProductId

PRODUCTS = (
    Product(
        id=ProductId("sensor"),
        kind=Kind.DEVICE,
        name="Sensor",
        description="",
        unit_amount=19_900,
        currency="eur",
    ),
    Product(
        id=ProductId("cheap"),
        kind=Kind.DEVICE,
        name="Cable",
        description="",
        unit_amount=100,
        currency="eur",
    ),
    Product(
        id=ProductId("dollar"),
        kind=Kind.DEVICE,
        name="Hub",
        description="",
        unit_amount=100,
        currency="usd",
    ),
    Product(
        id=ProductId("dear"),
        kind=Kind.DEVICE,
        name="Robot",
        description="",
        unit_amount=150_000,
        currency="eur",
    ),
    *(
        Product(
            id=ProductId(name),
            kind=Kind.SUBSCRIPTION,
            name=name,
            description="",
            unit_amount=4_900,
            currency="eur",
            interval=Interval.MONTH,
        )
        for name in ("plan", "other-plan")
    ),
)
CATALOGUE = {product.id: product for product in PRODUCTS}
BERLIN = {"line1": "Lohmühlenstraße 65", "city": "Berlin", "postal_code": "12435", "country": "DE"}


def form(**changes: Any) -> dict[str, Any]:
    body = {
        "line_items": [{"product": "sensor", "quantity": 3}, {"product": "plan", "quantity": 1}],
        "organisation": "Acme GmbH",
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "shipping_address": BERLIN,
        **changes,
    }
    return {name: value for name, value in body.items() if value is not ...}


def order(body: object, countries: tuple[str, ...] = ()) -> Order:
    reading = parse_form(OrderForm, body)
    named = [value for path, value in reading.values.items() if path.endswith(".product")]
    known = {name: CATALOGUE[name] for name in named if name in CATALOGUE}
    return check_order(reading, known, served(countries))


def faults(body: object, countries: tuple[str, ...] = ()) -> dict[str, str]:
    with pytest.raises(InvalidOrder) as refused:
        order(body, countries)
    return {error.field: error.message for error in refused.value.errors}


def lines(*items: tuple[str, object]) -> dict[str, Any]:
    return form(line_items=[{"product": product, "quantity": quantity} for product, quantity in items])


def test_a_sound_order_keeps_the_prices_of_this_moment_and_what_the_buyer_typed() -> None:
    taken = order(form())
    assert [(line.product, line.quantity, line.unit_amount) for line in taken.lines] == [
        ("sensor", 3, 19_900),
        ("plan", 1, 4_900),
    ]
    assert taken.shipping_address is not None
    assert (taken.shipping_address.city, taken.shipping_address.line1) == ("Berlin", "Lohmühlenstraße 65")
    assert (taken.total, taken.currency, taken.plan, taken.device_quantity) == (64_600, "eur", "plan", 3)


def test_every_fault_is_reported_at_once() -> None:
    body = {
        "line_items": [
            {"product": "nothing", "quantity": 0},
            {"product": "sensor", "quantity": True, "colour": "red"},
        ],
        "name": "",
        "email": "ada@",
        "billing_email": "no",
        "shipping_address": {"line1": "x", "country": "ZZ"},
        "coupon": "FREE",
    }
    assert set(faults(body)) == {
        "line_items[0].product",
        "line_items[0].quantity",
        "line_items[1].quantity",
        "line_items[1].colour",
        "organisation",
        "name",
        "email",
        "billing_email",
        "shipping_address.country",
        "coupon",
    }


def test_devices_are_sent_to_the_countries_of_the_shop_and_a_refusal_names_them() -> None:
    refused = {"shipping_address.country": "is not a country that we send devices to; possible are FR, IE"}
    assert faults(form(), countries=("IE", "FR")) == refused
    assert order(form(), countries=("DE",)).shipping_address is not None
    korea = {"line1": "Chollima 1", "city": "Pyongyang", "country": "KP"}
    assert faults(form(shipping_address=korea)) == {
        "shipping_address.country": "is not a country that we send devices to"
    }


def test_an_order_without_devices_is_taken_from_everywhere() -> None:
    plan = form(line_items=[{"product": "plan", "quantity": 1}])
    assert order(plan, countries=("IE",)).plan == "plan"


@pytest.mark.parametrize("quantity", [0, -1, 1001, "3", 2.5, True, None, [], 10**30])
def test_a_quantity_is_a_whole_number_from_1_to_1000(quantity: object) -> None:
    assert set(faults(lines(("sensor", quantity)))) == {"line_items[0].quantity"}


@pytest.mark.parametrize("quantity", [1, 1000])
def test_quantities_at_the_limits_are_taken(quantity: int) -> None:
    assert order(lines(("cheap", quantity))).device_quantity == quantity


def test_several_lines_of_one_device_become_one() -> None:
    taken = order(lines(("sensor", 2), ("plan", 1), ("sensor", 3)))
    assert [(line.product, line.quantity) for line in taken.lines] == [("sensor", 5), ("plan", 1)]


def test_several_lines_of_one_device_stay_within_the_limit_together() -> None:
    assert set(faults(lines(("cheap", 600), ("cheap", 600)))) == {"line_items[1].quantity"}


@pytest.mark.parametrize("second", ["plan", "other-plan"])
def test_an_order_holds_one_subscription(second: str) -> None:
    assert set(faults(lines(("plan", 1), (second, 1)))) == {"line_items[1].product"}


def test_a_subscription_may_have_several_seats() -> None:
    assert order(form(line_items=[{"product": "plan", "quantity": 7}], shipping_address=...)).plan == "plan"


@pytest.mark.parametrize("items", [[], None, {}, "sensor", [{"product": "sensor", "quantity": 1}] * 21])
def test_a_cart_is_a_list_of_1_to_20_lines(items: object) -> None:
    assert set(faults(form(line_items=items))) == {"line_items"}


def test_all_products_of_an_order_have_one_currency() -> None:
    assert set(faults(lines(("sensor", 1), ("dollar", 1)))) == {"line_items"}


def test_an_order_costs_no_more_than_stripe_charges_at_once() -> None:
    assert set(faults(lines(("dear", 1000)))) == {"line_items"}
    assert order(lines(("dear", 666))).total == 99_900_000


@pytest.mark.parametrize(
    "email",
    ["", "ada", "ada@", "@example.com", "a b@example.com", "ada@localhost", "Ada <ada@example.com>", "ada@example.com\n",
     "ü@example.com", "a@example.com,b@example.com", "x" * 250 + "@example.com", 5, ["ada@example.com"], "a\x00@b.de"],
)  # fmt: skip
def test_an_email_must_be_one_that_mail_can_be_sent_to(email: object) -> None:
    assert set(faults(form(email=email))) == {"email"}
    assert set(faults(form(billing_email=email))) == {"billing_email"}


def test_an_email_keeps_the_case_before_the_at_and_loses_it_after() -> None:
    assert order(form(email="Ada.L@EXAMPLE.com")).email == "Ada.L@example.com"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"country": "XX"}, "country"),
        ({"country": "Germany"}, "country"),
        ({"country": "DE\n"}, "country"),
        ({"country": ""}, "country"),
        ({"country": None}, "country"),
        ({"postal_code": "1"}, "postal_code"),
        ({"postal_code": ""}, "postal_code"),
        ({"city": ""}, "city"),
        ({"line1": ""}, "line1"),
        ({"line1": " "}, "line1"),
        ({"line1": None}, "line1"),
        ({"line2": "x" * 101}, "line2"),
        ({"planet": "Mars"}, "planet"),
    ],
)
def test_an_address_must_be_one_that_a_parcel_can_reach(change: dict[str, object], field: str) -> None:
    assert set(faults(form(shipping_address={**BERLIN, **change}))) == {f"shipping_address.{field}"}


def test_the_state_belongs_to_the_postal_code_where_there_are_states() -> None:
    mountain_view = {
        "line1": "1600 Amphitheatre Pkwy",
        "city": "Mountain View",
        "postal_code": "94043",
        "country": "us",
    }
    taken = order(form(shipping_address={**mountain_view, "state": "California"})).shipping_address
    assert taken is not None
    assert (taken.state, taken.country, taken.city) == ("California", "US", "Mountain View")
    assert set(faults(form(shipping_address=mountain_view))) == {"shipping_address.state"}
    assert set(faults(form(shipping_address={**mountain_view, "state": "NY"}))) == {
        "shipping_address.postal_code"
    }


def test_an_address_is_kept_as_it_was_typed_but_for_the_blanks_around_it() -> None:
    typed = {
        "line1": " 12 Patrick St ",
        "line2": "  ",
        "city": "cork ",
        "state": " co. Cork",
        "postal_code": "\u3000t12x70a ",
    }
    assert order(form(shipping_address={**typed, "country": "ie"})).shipping_address == Address(
        line1="12 Patrick St", city="cork", state="co. Cork", postal_code="t12x70a", country="IE"
    )


def test_devices_need_an_address_and_a_subscription_alone_does_not() -> None:
    assert set(faults(form(shipping_address=...))) == {"shipping_address"}
    assert (
        order(form(line_items=[{"product": "plan", "quantity": 1}], shipping_address=...)).shipping_address
        is None
    )


@pytest.mark.parametrize("text", ["", "   ", "x" * 201, "a\nb", "a\x00b", "a\x85b", 7, {}, None])
def test_names_are_text_of_one_line(text: object) -> None:
    assert set(faults(form(name=text))) == {"name"}
    assert set(faults(form(organisation=text))) == {"organisation"}


def test_payment_by_invoice_is_said_not_to_be_available_yet() -> None:
    assert "not available yet" in faults(form(payment="invoice"))["payment"]
    assert set(faults(form(payment="cash"))) == {"payment"}


@pytest.mark.parametrize("body", [None, [], "order", 5])
def test_a_body_that_is_no_object_is_refused_as_a_whole(body: object) -> None:
    assert faults(body) == {"": "must be a JSON object"}


def test_a_hopeless_body_gets_fifty_errors_and_no_more() -> None:
    assert len(faults({f"field{n}": n for n in range(1000)})) == 50


def test_no_error_quotes_what_was_sent() -> None:
    told = faults(
        form(email="ada lovelace@example", name="x" * 300, shipping_address={**BERLIN, "postal_code": "999"})
    )
    assert not any(secret in message for message in told.values() for secret in ("ada", "xxx", "999"))


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
ANY_ORDER = st.fixed_dictionaries(
    {
        "line_items": st.lists(
            st.fixed_dictionaries(
                {
                    "product": st.sampled_from(sorted(CATALOGUE)) | st.text(max_size=8) | ANY_JSON,
                    "quantity": st.integers(-2, 1002) | ANY_JSON,
                }
            ),
            max_size=4,
        )
        | ANY_JSON,
        "organisation": st.text(max_size=20) | ANY_JSON,
        "name": st.text(max_size=20) | ANY_JSON,
        "email": st.emails() | st.text(max_size=20) | ANY_JSON,
    },
    optional={
        "billing_email": st.emails() | ANY_JSON,
        "shipping_address": st.fixed_dictionaries(
            {
                "line1": st.text(max_size=9),
                "country": st.sampled_from(["DE", "us", "CN", "JP", "ZZ"]) | ANY_JSON,
            },
            optional={part: st.text(max_size=9) | ANY_JSON for part in ("city", "state", "postal_code")},
        )
        | ANY_JSON,
        "payment": st.sampled_from(["card", "invoice"]) | ANY_JSON,
    },
)


@given(body=ANY_ORDER | ANY_JSON)
@settings(max_examples=300, deadline=None)
def test_whatever_is_posted_is_an_order_or_a_list_of_faults(body: object) -> None:
    try:
        taken = order(body)
    except InvalidOrder:
        assert faults(body)
    else:
        assert all(1 <= line.quantity <= 1000 for line in taken.lines)
        assert len({line.product for line in taken.lines}) == len(taken.lines) >= 1
        assert taken.device_quantity == 0 or taken.shipping_address is not None
        assert fingerprint(body)

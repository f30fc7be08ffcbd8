"""The form of an address asks for what an order needs, and for nothing that the country does not write."""

import pytest

from checkout_api.usecases.address_fields import AddressForm, Countries, NoSuchCountry, address_form
from checkout_api.usecases.address_validation import address_errors
from egpay.domain.countries import CHECKOUT_COUNTRIES


def form_of(country: str) -> AddressForm:
    form = address_form(country)
    assert form is not None
    return form


def written(country: str) -> list[tuple[str, str, bool]]:
    return [(field.name, field.kind, field.required) for field in form_of(country).fields]


def test_the_fields_stand_in_the_order_in_which_the_country_writes_them() -> None:
    assert written("DE") == [
        ("line1", "street", True),
        ("line2", "building", False),
        ("postal_code", "postal", True),
        ("city", "city", True),
    ]
    assert written("GB") == [
        ("line1", "street", True),
        ("line2", "building", False),
        ("city", "post_town", True),
        ("postal_code", "postal", True),
    ]
    assert written("US")[2:] == [
        ("city", "city", True),
        ("state", "state", True),
        ("postal_code", "zip", True),
    ]
    assert written("JP")[2:] == [("state", "prefecture", True), ("postal_code", "postal", True)]
    assert written("IE")[3:] == [("state", "county", False), ("postal_code", "eircode", False)]


def test_what_is_written_beside_each_other_is_one_row() -> None:
    assert [field.row for field in form_of("DE").fields] == [0, 1, 2, 2]
    assert [field.row for field in form_of("GB").fields] == [0, 1, 2, 3]


def test_a_state_is_sent_as_the_post_writes_it_and_shown_by_name() -> None:
    states = {state.value: state.label for state in form_of("US").states}
    assert states["CA"] == "California (CA)"
    assert form_of("DE").states == []


def test_a_postal_code_comes_with_an_example() -> None:
    examples = {field.name: field.example for field in form_of("DE").fields}
    assert examples == {"line1": None, "line2": None, "city": None, "postal_code": "26133"}


def test_the_required_fields_are_those_that_an_order_needs() -> None:
    for country in sorted(CHECKOUT_COUNTRIES):
        form = form_of(country)
        filled: dict[str, str] = {
            field.name: field.example or "Town" for field in form.fields if field.required
        }
        if "state" in filled:
            filled["state"] = form.states[0].value if form.states else "State"
        assert not missing(country, filled), country
        for name in filled:
            without = {part: text for part, text in filled.items() if part != name}
            assert f"shipping_address.{name}" in missing(country, without), (country, name)


def missing(country: str, address: dict[str, str]) -> list[str]:
    errors = address_errors({**address, "country": country})
    return [error.field for error in errors if "is required" in error.message]


def test_only_countries_that_are_served_are_listed_and_described() -> None:
    countries = Countries(frozenset({"IE", "DE"}))
    assert [country.code for country in countries.all()] == ["DE", "IE"]
    assert countries.form("de").code == "DE"
    for code in ("FR", "ZZ", "XX", "", "../"):
        with pytest.raises(NoSuchCountry):
            countries.form(code)


def test_every_country_that_checkout_serves_has_a_form() -> None:
    assert len(Countries(CHECKOUT_COUNTRIES).all()) == len(CHECKOUT_COUNTRIES)

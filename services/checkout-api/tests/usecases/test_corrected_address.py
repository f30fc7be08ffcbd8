"""RULES 12: a corrected address is taken and refused as an order's is, and no refusal says what was typed."""

import pytest

from checkout_api.usecases.corrected_address import corrected_address
from egpay.domain.errors import Refusal
from egpay.domain.values import Address

TYPED = {
    "line1": " 12 Harbour Street ",
    "line2": "",
    "city": "Dublin",
    "postal_code": "d02xe80",
    "country": "ie",
}


def test_it_is_printed_as_it_was_typed() -> None:
    assert corrected_address(TYPED, ()) == Address(
        line1="12 Harbour Street", city="Dublin", postal_code="d02xe80", country="IE"
    )


@pytest.mark.parametrize(
    ("part", "text", "fault"),
    [
        ("line1", " ", "line1"),
        ("line1", "x" * 201, "line1 has more than 200 characters"),
        ("city", "x" * 101, "city has more than 100 characters"),
        ("city", "Dub\u202elin", "city must not contain invisible or control characters"),
        ("postal_code", "99", "postal_code"),
        ("country", "XX", "country"),
        ("country", "", "country"),
        ("country", "DE", "country is not a country that we send devices to; possible are IE"),
    ],
)
def test_a_wrong_part_is_named_and_not_repeated(part: str, text: str, fault: str) -> None:
    with pytest.raises(Refusal, match=fault) as refused:
        corrected_address({**TYPED, part: text}, ("IE",))
    assert "Harbour" not in str(refused.value)
    assert not text.strip() or len(text) < 3 or text not in str(refused.value)

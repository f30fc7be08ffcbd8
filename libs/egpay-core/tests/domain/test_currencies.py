"""Amounts by Stripe's table of currencies (docs.stripe.com/currencies)."""

import pytest

from egpay.domain.currencies import CURRENCIES, amount_fault, charge_fault, minor_units, shown
from egpay.domain.errors import Refusal


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (4900, "eur", "49.00 EUR"),
        (4900, "jpy", "4900 JPY"),
        (1505, "kwd", "1.505 KWD"),
        (4900, "isk", "49.00 ISK"),
        (5, "usd", "0.05 USD"),
        (-150, "eur", "-1.50 EUR"),
        (0, "krw", "0 KRW"),
    ],
)
def test_an_amount_is_shown_with_its_currencys_own_digits(amount: int, currency: str, text: str) -> None:
    assert shown(amount, currency) == text


@pytest.mark.parametrize(
    ("amount", "currency", "taken"),
    [
        (1505, "kwd", False),
        (1500, "kwd", True),
        (4950, "isk", False),
        (4900, "isk", True),
        (10, "ugx", False),
        (4901, "jpy", True),
        (-1, "eur", False),
        (0, "eur", True),
        (99_999_999, "eur", True),
        (100_000_000, "eur", False),
    ],
)
def test_a_price_is_a_multiple_of_what_stripe_charges_in(amount: int, currency: str, taken: bool) -> None:
    assert (amount_fault(amount, currency) is None) is taken


@pytest.mark.parametrize(
    ("amount", "currency", "taken"),
    [
        (0, "eur", True),
        (49, "eur", False),
        (50, "eur", True),
        (29, "gbp", False),
        (30, "gbp", True),
        (49, "jpy", False),
    ],
)
def test_what_is_due_is_nothing_or_at_least_stripes_minimum(amount: int, currency: str, taken: bool) -> None:
    assert (charge_fault(amount, currency) is None) is taken


def test_every_currency_is_an_iso_code_in_lower_case() -> None:
    assert all(len(code) == 3 and code.isalpha() and code.islower() for code in CURRENCIES)
    assert {"eur", "usd", "jpy", "kwd", "isk", "ugx"} <= set(CURRENCIES)
    assert "zzz" not in CURRENCIES


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [("12.50", "eur", 1_250), ("12.5", "eur", 1_250), (" 12 ", "eur", 1_200), ("4900", "jpy", 4_900)],
)
def test_an_amount_is_read_as_a_person_types_it(text: str, currency: str, amount: int) -> None:
    assert minor_units(text, currency) == amount


@pytest.mark.parametrize(
    ("text", "currency", "words"),
    [
        ("12.505", "eur", "EUR has 2 digits behind the point"),
        ("49.5", "jpy", "JPY has 0 digits behind the point"),
        ("1.234", "kwd", "Stripe takes no less of KWD than 0.010 KWD"),
        ("-1", "eur", "'-1' is no amount; write it like 12.00"),
        ("1,50", "eur", "'1,50' is no amount; write it like 12.00"),
        ("", "jpy", "'' is no amount; write it like 12"),
        ("1.", "eur", "'1.' is no amount; write it like 12.00"),
    ],
)
def test_an_amount_that_the_currency_does_not_have_is_refused(text: str, currency: str, words: str) -> None:
    with pytest.raises(Refusal) as refused:
        minor_units(text, currency)
    assert str(refused.value) == words

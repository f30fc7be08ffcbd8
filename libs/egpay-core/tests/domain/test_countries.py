"""The countries served unless a shop names fewer are those of Stripe's own library."""

import inspect
import re

import pytest
from stripe.params.checkout import _session_create_params

from egpay import setting_checks
from egpay.domain.countries import CHECKOUT_COUNTRIES, served


def test_they_are_those_of_which_checkout_takes_an_address_but_the_one_that_is_none() -> None:
    source = inspect.getsource(_session_create_params.SessionCreateParamsShippingAddressCollection)
    assert set(re.findall(r'"([A-Z]{2})"', source)) - {"ZZ"} == CHECKOUT_COUNTRIES


def test_a_shop_that_names_some_serves_those_alone() -> None:
    assert served(("DE", "IE")) == {"DE", "IE"}
    assert served(()) == CHECKOUT_COUNTRIES


@pytest.mark.parametrize("text", ["de", "ZZ", "DEU", "", "UK"])
def test_what_is_no_country_of_checkouts_is_a_fault_of_the_setting(text: str) -> None:
    with pytest.raises(ValueError, match="two capital letters"):
        setting_checks.country(text)

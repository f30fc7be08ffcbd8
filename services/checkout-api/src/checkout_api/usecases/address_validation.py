"""Address validation: finds what is missing or certainly wrong in an address, and names what is possible instead.

An address is taken as people and browsers write it; only what is certainly wrong by the country's own rules is
refused. A city is never looked up: no list has every village.
"""

from collections.abc import Iterator, Mapping

from checkout_api.usecases.address_folding import fold_code
from checkout_api.usecases.errors import FieldError
from checkout_api.usecases.postal_rules import PostalRules, State, postal_rules

MOST_COUNTRIES = 60
"""Countries that a refusal names; a longer list is not read."""

_REQUIRED = "is required in this country"


def address_errors(
    address: Mapping[str, str], countries: frozenset[str] | None = None
) -> Iterator[FieldError]:
    """Yield a fault for each part of the address that is missing or certainly wrong in its country.

    So is the country, where devices are to be sent, if it is not one of `countries`.
    """
    country = address.get("country", "").upper()
    rules = postal_rules(country)
    if rules is None:
        yield _fault("country", "is not a country's code of ISO 3166-1, such as DE; the United Kingdom is GB")
        return
    if countries is not None and country not in countries:
        few = f"; possible are {', '.join(sorted(countries))}" if len(countries) <= MOST_COUNTRIES else ""
        yield _fault("country", f"is not a country that we send devices to{few}")
    typed = {part: address.get(part, "").strip() for part in ("line1", "city", "state", "postal_code")}
    states = rules.states_named(typed["state"]) or ()
    required = next((state.required for state in states if state.required is not None), rules.required)
    for part in ("line1", "city"):
        if part in required and not typed[part]:
            yield _fault(part, _REQUIRED)
    if "state" in required:
        yield from _state_errors(rules, typed["state"], typed["city"])
    yield from _postal_code_errors(rules, states, typed["postal_code"], required="postal_code" in required)


def _fault(part: str, message: str) -> FieldError:
    return FieldError(f"shipping_address.{part}", message)


def _state_errors(rules: PostalRules, state: str, city: str) -> Iterator[FieldError]:
    possible = f"; possible are {', '.join(known.label for known in rules.states)}" if rules.states else ""
    if not state and not _city_tells_state(rules, city):
        yield _fault("state", f"{_REQUIRED}{possible}")
    elif state and rules.knows_states and rules.states_named(state) is None:
        yield _fault("state", f"is not known in this country{possible}")


def _city_tells_state(rules: PostalRules, city: str) -> bool:
    """Dubai and Seoul are states by themselves. Where postal codes go by state, Indiana may be a town in Pennsylvania;
    where no list is certain, the city says enough."""
    if not rules.states or not city or any(state.starts for state in rules.states):
        return False
    return not rules.knows_states or rules.states_named(city) is not None


def _postal_code_errors(
    rules: PostalRules, states: tuple[State, ...], typed: str, *, required: bool
) -> Iterator[FieldError]:
    if not fold_code(typed):
        if required:
            yield _fault("postal_code", f"{_REQUIRED}{_like(rules.examples)}")
        return
    if not rules.knows_postal_codes or any(state.own_codes for state in states):
        return
    fitting = [code for code in rules.spellings(typed) if rules.fits(code)]
    if not fitting:
        yield _fault("postal_code", f"is not a postal code of this country{_like(rules.examples)}")
    elif states and not any(_is_in(state, code) for state in states for code in fitting):
        yield _fault("postal_code", f"is not a postal code of this state{_begins(states)}")


def _like(examples: str) -> str:
    return f"; it is written like {examples}" if examples else ""


def _is_in(state: State, code: str) -> bool:
    return state.starts is None or state.starts.match(code) is not None


def _begins(states: tuple[State, ...]) -> str:
    if any(state.examples for state in states):
        return f"; there it is one like {' or '.join(state.examples for state in states if state.examples)}"
    starts = [start for state in states if state.starts for start in state.starts.pattern.split("|")]
    return f"; there it begins with {' or '.join(starts)}"

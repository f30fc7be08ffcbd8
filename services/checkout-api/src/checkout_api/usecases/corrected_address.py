"""Corrected address: an operator's correction is checked by the rules of an order's address."""

from collections.abc import Mapping, Sequence

from checkout_api.usecases.address_validation import address_errors
from egpay.domain.countries import served
from egpay.domain.errors import Refusal
from egpay.domain.printable import LONGEST_NAME, LONGEST_PART, is_printable
from egpay.domain.values import Address


def corrected_address(typed: Mapping[str, str], countries: Sequence[str]) -> Address:
    """Make the address of what was typed, part by part; raises Refusal with every fault, none with a value."""
    given = {part: text.strip() for part, text in typed.items() if text.strip()}
    faults = [f"{part} {fault}" for part, text in given.items() if (fault := _text_fault(part, text))]
    if not faults:
        errors = address_errors(given, served(tuple(countries)))
        faults = [f"{one.field.removeprefix('shipping_address.')} {one.message}" for one in errors]
    if faults or "line1" not in given:
        raise Refusal("; ".join(faults) or "line1 is required")
    return Address(**{**given, "country": given["country"].upper()})


def _text_fault(part: str, text: str) -> str | None:
    longest = LONGEST_NAME if part == "line1" else LONGEST_PART
    if len(text) > longest:
        return f"has more than {longest} characters"
    return None if is_printable(text) else "must not contain invisible or control characters"

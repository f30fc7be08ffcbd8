"""Fields of a catalogue file: what each may hold, and what only some may hold together."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from egpay.domain.catalogue import Interval, Kind
from egpay.domain.currencies import CURRENCIES, LARGEST_AMOUNT, amount_fault
from egpay.domain.printable import is_printable
from egpay.domain.values import is_id

Check: TypeAlias = Callable[[Any], str | None]
"""Say what is wrong with a value, or None."""

LONGEST_TRIAL = 730
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_TAX_CODE = re.compile(r"txcd_[0-9]{8}")
_SITE_PATH = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.[a-z0-9]{2,5}")
_LONGEST_PERIOD = {"day": 1095, "week": 156, "month": 36, "year": 3}
"""Three years, the longest period of a subscription (docs.stripe.com/api/prices/create)."""


def _text(longest: int, *, empty: bool = False) -> Check:
    def check(value: object) -> str | None:
        if not isinstance(value, str):
            return "must be a text"
        if value == "" and empty:
            return None
        if len(value) > longest or not is_printable(value):
            return f"must be 1 to {longest} visible characters in one line"
        return None

    return check


def _number(least: int, most: int) -> Check:
    def check(value: object) -> str | None:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            return f"must be a whole number from {least} to {most}"
        return None

    return check


def _one_of(words: Collection[str]) -> Check:
    return lambda value: None if value in words else f"must be one of {', '.join(words)}"


def _shape(pattern: re.Pattern[str], what: str) -> Check:
    return lambda value: None if isinstance(value, str) and pattern.fullmatch(value) else f"must be {what}"


def _currency(value: object) -> str | None:
    if not isinstance(value, str) or value.lower() not in CURRENCIES:
        return "must be the ISO 4217 code of a currency that Stripe charges in, such as eur"
    return None if value in CURRENCIES else "must be in lower case"


def _provider_id(value: object) -> str | None:
    return None if isinstance(value, str) and is_id(value) else "must be an id at Stripe"


def _image(value: object) -> str | None:
    wrong = "must be the https:// address of a picture, of at most 2048 characters, or its path beside the store's pages"
    if not isinstance(value, str) or len(value) > 2048 or not value.isprintable() or " " in value:
        return wrong
    if _SITE_PATH.fullmatch(value):
        return None
    try:
        url = urlsplit(value)
    except ValueError:
        return wrong
    return None if url.scheme in ("https", "http") and url.hostname else wrong


FIELDS: Mapping[str, Check] = {
    "id": _shape(_ID, "1 to 64 letters, digits, - and _, and begin with a letter or digit"),
    "kind": _one_of([kind.value for kind in Kind]),
    "name": _text(250),
    "description": _text(1000, empty=True),
    "unit_amount": _number(0, LARGEST_AMOUNT),
    "currency": _currency,
    "interval": _one_of([interval.value for interval in Interval]),
    "interval_count": _number(1, max(_LONGEST_PERIOD.values())),
    "trial_days": _number(0, LONGEST_TRIAL),
    "tax_code": _shape(_TAX_CODE, "txcd_ and eight digits"),
    "image": _image,
    "stripe_product": _provider_id,
    "stripe_price": _provider_id,
}
REQUIRED = frozenset({"id", "kind", "name", "unit_amount", "currency"})
_OF_SUBSCRIPTIONS = ("interval", "interval_count", "trial_days")


def combination_faults(row: Mapping[str, Any], faulty: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the faults of fields that are sound by themselves; what is `faulty` already is not looked at."""
    sound = {field: value for field, value in row.items() if field in FIELDS and field not in faulty}
    if "currency" in sound and "unit_amount" in sound:
        fault = amount_fault(sound["unit_amount"], sound["currency"])
        if fault:
            yield "unit_amount", fault
    if sound.get("kind") == Kind.DEVICE:
        yield from ((field, "is for subscriptions only") for field in _OF_SUBSCRIPTIONS if field in row)
    elif sound.get("kind") == Kind.SUBSCRIPTION:
        yield from _period_faults(row, sound)


def _period_faults(row: Mapping[str, Any], sound: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if "interval" not in row:
        yield "interval", "is missing; a subscription has one"
    elif sound.get("interval_count", 1) > (longest := _LONGEST_PERIOD.get(sound.get("interval", ""), 1095)):
        yield "interval_count", f"must be at most {longest} for this interval: three years"

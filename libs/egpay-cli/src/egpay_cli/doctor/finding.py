"""One line of a diagnosis: what was looked at, how it is, and what to do about it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, TypeAlias

import msgspec


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """`note` is worth knowing and harms nobody; `wrong` needs somebody."""

    what: str
    state: Literal["ok", "note", "wrong"]
    words: str


Look: TypeAlias = Callable[[], Awaitable[Sequence[Sign]]]
"""Look at something; an EgpayError that is raised is a sign of its own."""


def ok(what: str, words: str) -> Sign:
    """All is well."""
    return Sign(what=what, state="ok", words=words)


def note(what: str, words: str) -> Sign:
    """Worth knowing."""
    return Sign(what=what, state="note", words=words)


def wrong(what: str, words: str) -> Sign:
    """Somebody has to act."""
    return Sign(what=what, state="wrong", words=words)


def listed(what: str, faults: Sequence[str], *, otherwise: str) -> list[Sign]:
    """Each fault is wrong; none is fine."""
    return [wrong(what, fault) for fault in faults] or [ok(what, otherwise)]

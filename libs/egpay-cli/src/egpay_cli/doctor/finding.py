"""Finding: one line of a diagnosis: what was checked, its state, and what to do about it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, TypeAlias

import msgspec


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """Result of one check; `note` is harmless, `wrong` needs an operator."""

    what: str
    state: Literal["ok", "note", "wrong"]
    words: str


Look: TypeAlias = Callable[[], Awaitable[Sequence[Sign]]]
"""A check; an EgpayError that it raises becomes a sign."""


def ok(what: str, words: str) -> Sign:
    """Report a check that passed."""
    return Sign(what=what, state="ok", words=words)


def note(what: str, words: str) -> Sign:
    """Report what is harmless but worth knowing."""
    return Sign(what=what, state="note", words=words)


def wrong(what: str, words: str) -> Sign:
    """Report what an operator must act on."""
    return Sign(what=what, state="wrong", words=words)


def listed(what: str, faults: Sequence[str], *, otherwise: str) -> list[Sign]:
    """Report each fault as wrong; without any, `otherwise` as ok."""
    return [wrong(what, fault) for fault in faults] or [ok(what, otherwise)]

"""Printable text: what a person typed as one visible line, for headers, labels and parameters.

A line shows what it holds: it has no control character, no line separator, no direction override and no letter
without a shape. What scripts and emoji need stays: accents, joiners, variation selectors, Arabic number signs.
"""

import re
import unicodedata
from collections.abc import Iterator

LONGEST_NAME = 200
"""Characters of a name or of the first line of an address, as the order form takes them."""
LONGEST_PART = 100
"""Characters of any other part of an address."""

_SPACES = frozenset({"Zs", "Zl", "Zp", "Cc"})
_WITHOUT_SHAPE = frozenset({"Cf", "Cs", "Co"})
_BLANKS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and signs that are drawn as nothing; some of them pass for a name."""
_SHOWN_FORMATS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
"""Format characters that are drawn, such as the sign before an Arabic number."""
_DIRECTION_MARKS = frozenset("\u200e\u200f\u061c")
"""Typed by people who write Hebrew or Arabic; unlike overrides, they turn no letter round."""
_JOINERS = frozenset("\u200c\u200d")
"""Persian and Indian scripts and composed emoji need them after a letter or a sign."""
_MOST_MARKS = 8
"""Accents and selectors on one letter; more of them cover the lines around."""
_FLAG = re.compile("(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)")
"""A flag of a part of a country (Scotland), the one use of tag characters; elsewhere they carry hidden text."""


def one_line(text: str, *, longest: int | None = None) -> str:
    """Fold text into one visible line with single blanks; one that is too long ends in an ellipsis."""
    line = " ".join("".join(printed for printed, _ in _printed(text)).split())
    if longest is not None and len(line) > longest:
        line = line[: longest - 1].rstrip(" \u200c\u200d") + "…"
    return line


def is_printable(text: str) -> bool:
    """Whether text shows all that it holds, and something at all."""
    if text.isascii():  # most orders, and twenty times faster
        return text.isprintable() and not text.isspace() and text != ""
    shown = "".join(printed for printed, typed in _printed(text) if typed)
    return all(typed for _, typed in _printed(text)) and any(map(_has_shape, shown))


def _printed(text: str) -> Iterator[tuple[str, bool]]:
    """What is printed of each character, and whether it may be typed."""
    before, marks = " ", 0
    for part in _FLAG.split(text):
        if _FLAG.fullmatch(part):
            yield part, True
            before, marks = part[0], 0
            continue
        for char in part:
            category = unicodedata.category(char)
            marks = marks + 1 if category in ("Mn", "Me") else 0
            printed, shown = _judged(char, category, before=before, marks=marks)
            yield printed, shown
            before = printed or before


def _judged(char: str, category: str, *, before: str, marks: int) -> tuple[str, bool]:
    if char in _DIRECTION_MARKS:
        return "", True
    if char in _JOINERS:
        joins = not before.isascii() and before not in _JOINERS and not before.isspace()
        return (char, True) if joins else ("", False)
    if char in _SHOWN_FORMATS:
        return char, True
    if category in _SPACES:
        return " ", category == "Zs"
    if category in _WITHOUT_SHAPE or char in _BLANKS or marks > _MOST_MARKS or _is_noncharacter(char):
        return "", False
    return char, True


def _has_shape(char: str) -> bool:
    """Marks need a letter to stand on. What this Python's Unicode has not assigned yet is a newer emoji."""
    category = unicodedata.category(char)
    return category[0] not in "MZ" and category != "Cf"


def _is_noncharacter(char: str) -> bool:
    """Code points that will never be characters, unlike the unassigned."""
    return 0xFDD0 <= ord(char) <= 0xFDEF or ord(char) & 0xFFFE == 0xFFFE

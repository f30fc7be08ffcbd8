"""What a typed text looks like in a header or on a label: one line that hides nothing and keeps honest names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egpay.domain.printable import is_printable, one_line

HONEST = (
    "Ada Lovelace",
    "Zoë O'Neil-Müller",
    "D\u2019Angelo & Søn A/S",
    'Smith "Smitty" Jones <Ltd>',
    "株式会社 東京",
    "山田\u3000太郎",
    "葛\U000e0100城市",
    "\u0634\u0631\u0643\u0629 \u0663",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "בע״מ\u200f",
    "नमस्\u200dते",
    "Nguye\u0302\u0303n",
    "\U0001f469\u200d\U0001f4bb Labs",
    "\u2615\ufe0f Corner",
    "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f Kilts",
    "Ca\N{NO-BREAK SPACE}va\N{NO-BREAK SPACE}!",
    "Fresh \U0001fae9",
)
HIDING = {
    "a line break": "Ada\r\nBcc: x@y.example",
    "a line separator": "Ada\u2028Bcc",
    "a paragraph separator": "Ada\u2029Bcc",
    "a next-line": "Ada\x85Bcc",
    "a terminal's escape": "Ada\x1b[2J",
    "NUL": "Ada\x00",
    "an override": "Ada\u202egpj.exe",
    "an isolate": "Ada\u2066x\u2069",
    "a zero-width space": "Ada\u200bLovelace",
    "a byte-order mark": "\ufeffAda",
    "a soft hyphen": "Love\u00adlace",
    "a joiner in Latin": "Ad\u200da",
    "two joiners": "\u0645\u06cc\u200c\u200c\u062e",
    "tags": "Ada\U000e0041\U000e0042",
    "private use": "Ada\ue000",
    "half a character": "Ada\ud800",
    "a noncharacter": "Ada\ufffe",
    "an invisible letter": "Ada\u3164",
    "a tower of accents": "Ada" + "\u0301" * 20,
}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_name_is_printable_and_printed_as_it_was_typed(name: str) -> None:
    assert is_printable(name)
    shown = name.replace("\u200f", "")
    assert one_line(name) == " ".join(shown.split())


@pytest.mark.parametrize("text", HIDING.values(), ids=HIDING.keys())
def test_text_that_hides_something_is_not_printable_and_is_printed_without_it(text: str) -> None:
    assert not is_printable(text)
    assert is_printable(one_line(text))


@pytest.mark.parametrize(
    "text", ["", " ", "\N{NO-BREAK SPACE}", "\u3164", "\u2800", "\u0301", "\u200e", "\u200d"]
)
def test_text_that_shows_nothing_is_not_printable(text: str) -> None:
    assert not is_printable(text)


def test_a_line_that_is_too_long_ends_in_an_ellipsis() -> None:
    assert one_line("abc def", longest=5) == "abc…"
    assert one_line("abcde", longest=5) == "abcde"


@given(st.text())
def test_a_printed_line_is_one_line_and_printing_it_again_changes_nothing(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert one_line(line) == line

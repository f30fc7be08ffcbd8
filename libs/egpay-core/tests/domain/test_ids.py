"""What may stand in the place of an id: nothing that means something to a path, a header or a log."""

import pytest

from egpay.domain.values import is_id


@pytest.mark.parametrize("text", ["cs_test_a1B2", "sub-1", "events", "0", "a" * 255])
def test_letters_digits_underscore_and_hyphen_are_an_id_under_any_prefix(text: str) -> None:
    assert is_id(text)


@pytest.mark.parametrize(
    "text", ["", "_", "a" * 256, "a\n", "a b", "a/b", "..", "a?b", "a#b", "a%2Fb", "ä", "a\u0661"]
)
def test_anything_else_is_none(text: str) -> None:
    assert not is_id(text)

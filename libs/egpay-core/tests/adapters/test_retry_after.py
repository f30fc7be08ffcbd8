"""What another side asks us to wait is believed within bounds, and nonsense counts as nothing asked."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egpay.adapters.retry_after import LONGEST_PAUSE, parse_retry_after

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def asked(text: str, **more: str) -> float | None:
    return parse_retry_after({"retry-after": text, **more}, at=NOW)


@pytest.mark.parametrize(("text", "seconds"), [("1", 1), (" 30 ", 30), ("007", 7), ("86400", 86_400)])
def test_seconds_up_to_a_day_are_believed(text: str, seconds: float) -> None:
    assert asked(text) == seconds


@pytest.mark.parametrize(
    "date",
    ["Mon, 23 Nov 2026 12:10:00 GMT", "Monday, 23-Nov-26 12:10:00 GMT", "Mon Nov 23 12:10:00 2026"],
)
def test_each_format_of_an_http_date_is_a_moment_in_utc(date: str) -> None:
    assert asked(date) == 600


def test_a_date_counts_from_the_date_of_the_answer_because_clocks_differ() -> None:
    assert asked("Mon, 23 Nov 2026 15:00:30 GMT", date="Mon, 23 Nov 2026 15:00:00 GMT") == 30
    assert parse_retry_after({"retry-after": "Mon, 23 Nov 2026 15:00:30 GMT"}) is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "0", "-1", "1.5", "1e3", "NaN", "inf", "-inf", "0x10", "soon", "1 2", "1, 2", "²", "١٢"),
        *("86401", "31536000", "9999999999", "9" * 64, "9" * 400, "1_000", "+5", "5 s"),
        *("Mon, 23 Nov 2026 11:59:59 GMT", "Tue, 23 Nov 2027 12:00:00 GMT", "Mon, 99 Nov 2026 12:00:00 GMT"),
        *("Mon, 23 Nov 99999 12:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -9999", "GMT", ",,,"),
    ],
)
def test_nonsense_is_as_if_nothing_was_asked(text: str) -> None:
    assert asked(text) is None


@given(st.text(), st.text())
def test_no_text_breaks_it_or_leads_out_of_the_bounds(text: str, date: str) -> None:
    seconds = asked(text, date=date)
    assert seconds is None or 0 < seconds <= LONGEST_PAUSE

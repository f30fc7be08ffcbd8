"""Retry-After (RFC 9110, 10.2.3): parses seconds or an HTTP-date, and ignores what no server can mean."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_PAUSE = 86_400.0
"""Seconds of the longest Retry-After that is believed; one of a year would put an order off for a year."""

_LONGEST_TEXT = 64


def parse_retry_after(headers: Mapping[str, str], *, at: datetime | None = None) -> float | None:
    """Seconds to wait; None without a wait, and for a text that means none, or more than a day.

    None leaves the delay to the caller's own back-off, which is never zero. A date is compared with the
    answer's own `Date`, because the two clocks may differ, and without one with `at`."""
    text = headers.get("retry-after", "").strip()
    if not text.isascii() or len(text) > _LONGEST_TEXT:
        return None
    seconds = float(text) if text.isdigit() else _between(_read(headers.get("date", "")) or at, _read(text))
    return seconds if seconds is not None and 0 < seconds <= LONGEST_PAUSE else None


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None


def _read(text: str) -> datetime | None:
    """An HTTP-date in any of its three formats; they all mean UTC."""
    try:
        date = parsedate_to_datetime(text[:_LONGEST_TEXT])
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None

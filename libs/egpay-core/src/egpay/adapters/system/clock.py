"""System clock: the one place where the code reads the time."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The current time in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is its one place

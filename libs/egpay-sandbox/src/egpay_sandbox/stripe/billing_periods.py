"""Billing periods: computes the end of a subscription's next period, even from the 31st."""

import calendar
from datetime import UTC, datetime, timedelta

_DAYS = {"day": 1, "week": 7}


def add_interval(second: int, interval: str, count: int) -> int:
    """Returns the Unix second `count` intervals later, in UTC; a missing day becomes the month's last."""
    start = datetime.fromtimestamp(second, UTC)
    if interval in _DAYS:
        return int((start + timedelta(days=_DAYS[interval] * count)).timestamp())
    months = start.month - 1 + count * (12 if interval == "year" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())

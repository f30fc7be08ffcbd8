"""What the three kinds of events have in common."""

from typing import Any

Json = dict[str, Any]
DAY = 1_795_000_000
PERIOD = {"current_period_end": DAY + 2_592_000, "current_period_start": DAY}
ADDRESS = {
    "city": "Dublin",
    "country": "IE",
    "line1": "12 Harbour Street",
    "line2": None,
    "postal_code": "D02 XE80",
    "state": None,
}
MARK = {"sale_id": "@sale@"}
NO_TAX = {"disabled_reason": None, "enabled": False, "liability": None, "provider": None, "status": None}


def none(names: str) -> Json:
    return dict.fromkeys(names.split())

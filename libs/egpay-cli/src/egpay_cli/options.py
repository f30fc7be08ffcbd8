"""Shared options of the commands: output, operator and reason, and moments as an operator types them."""

import getpass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from egpay.adapters.system.clock import utc_now
from egpay.operations.replay import ReplayRequest

AsJson = Annotated[bool, typer.Option("--json", help="Print for programs.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why; it is written on the timeline.")]
NeededReason = Annotated[str, typer.Option("--reason", help="Why; it is written on the timeline.")]

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def order(reason: str | None) -> ReplayRequest:
    """Build the request of this operator (the login name) with the reason."""
    try:
        who = getpass.getuser()
    except (KeyError, OSError):
        who = "an operator"
    return ReplayRequest(who=who, why=reason)


def future(text: str) -> datetime:
    """Parse a moment to come, or a span from now; UTC unless it names another zone. A past one is wrong usage.

    `2026-11-30`, `2026-11-30T12:00:00Z`, or a span such as `12h` or `7d`.
    """
    length = span(text)
    given = moment(text) if length is None else utc_now() + length
    if given is None or given <= utc_now():
        raise typer.BadParameter(f"{text!r} is past")
    return given


def span(text: str) -> timedelta | None:
    """The length of a span such as `12h` or `7d`; None for what is none."""
    number, unit = text[:-1], text[-1:]
    if not number.isdecimal() or unit not in _UNITS or len(number) > 5:
        return None
    return timedelta(**{_UNITS[unit]: int(number)})


def moment(text: str | None) -> datetime | None:
    """Parse a moment, or an age before now; UTC unless it names another zone.

    `2026-11-23`, `2026-11-23T12:00:00Z`, or an age such as `90s`, `30m`, `12h`, `7d`.
    """
    if text is None:
        return None
    number, unit = text[:-1], text[-1:]
    try:
        if number.isdecimal() and unit in _UNITS:
            return utc_now() - timedelta(**{_UNITS[unit]: int(number)})
        given = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise typer.BadParameter(f"{text!r} is neither a date nor an age such as 12h") from None
    return given if given.tzinfo else given.replace(tzinfo=UTC)

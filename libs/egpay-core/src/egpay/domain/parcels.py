"""Parcel: what the warehouse reports of one, as facts with times, so that their order makes no difference.

    (not sent) --shipped--> SHIPPED --delivered--> DELIVERED
        |                     |  ^                     |
      failed               failed  delivered        returned
        v                     v  |                     v
    FAILED, not sent        FAILED, lost            RETURNED

Of `delivered`, `failed` and `returned` the newest by the message's time holds. A `failed` of before it left says that it
was not sent.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from typing import TypeAlias, TypeVar

import msgspec

Timed: TypeAlias = tuple[datetime, str]
"""A text with the time of the message that said it, so that the newest holds."""

FIRST_PARCEL = "1:"
"""Name of the first attempt's parcel without a number, as most orders have one."""

T = TypeVar("T", datetime, Timed, tuple[datetime, str, str])


class Progress(IntEnum):
    """Progress at the warehouse, as a report says it."""

    NONE = 0
    ACCEPTED = 1
    FAILED = 2
    SHIPPED = 3
    DELIVERED = 4
    RETURNED = 5


class Tracking(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Tracking of a parcel, as one report says it."""

    carrier: str | None = None
    number: str | None = None
    url: str | None = None


class SentParcel(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Parcel of an `attempt`, by the warehouse's own `number` ("" where it names none).

    `shipped_at` is the earliest report that it left; the other times are the newest ones. `carrier` and `tracking`
    (number and link, as one fact) are the newest ones told.
    """

    number: str = ""
    attempt: int = 1
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    failed_at: datetime | None = None
    returned_at: datetime | None = None
    carrier: Timed | None = None
    tracking: tuple[datetime, str, str] | None = None

    @property
    def name(self) -> str:
        """Its name among the parcels of a shipment."""
        return f"{self.attempt}:{self.number}"

    @property
    def left_at(self) -> datetime | None:
        """When it left, as far as reports say; what arrived or came back had left."""
        return min(filter(None, (self.shipped_at, self.delivered_at, self.returned_at)), default=None)

    @property
    def progress(self) -> Progress:
        """Where it is; NONE before anything was reported of it."""
        if self.left_at is None:
            return Progress.FAILED if self.failed_at else Progress.NONE
        reports = (
            (self.delivered_at, Progress.DELIVERED),
            (self.failed_at if self.was_lost else None, Progress.FAILED),
            (self.returned_at, Progress.RETURNED),
        )
        known = [(at, progress) for at, progress in reports if at]
        return max(known)[1] if known else Progress.SHIPPED

    @property
    def was_lost(self) -> bool:
        """Whether a report said after it left that it failed."""
        left, failed = self.left_at, self.failed_at
        return left is not None and failed is not None and left <= failed

    def reported(self, progress: Progress, at: datetime, tracking: Tracking) -> "SentParcel":
        """Add a report, in any order."""
        told = (at, tracking.number or "", tracking.url or "") if tracking.number or tracking.url else None
        return msgspec.structs.replace(
            self,
            shipped_at=_earliest(self.shipped_at, at if progress is Progress.SHIPPED else None),
            delivered_at=_newest(self.delivered_at, at if progress is Progress.DELIVERED else None),
            failed_at=_newest(self.failed_at, at if progress is Progress.FAILED else None),
            returned_at=_newest(self.returned_at, at if progress is Progress.RETURNED else None),
            carrier=_newest(self.carrier, (at, tracking.carrier) if tracking.carrier else None),
            tracking=_newest(self.tracking, told),
        )

    def merged(self, other: "SentParcel") -> "SentParcel":
        """This parcel with what was reported of it without its number."""
        return msgspec.structs.replace(
            self,
            shipped_at=_earliest(self.shipped_at, other.shipped_at),
            delivered_at=_newest(self.delivered_at, other.delivered_at),
            failed_at=_newest(self.failed_at, other.failed_at),
            returned_at=_newest(self.returned_at, other.returned_at),
            carrier=_newest(self.carrier, other.carrier),
            tracking=_newest(self.tracking, other.tracking),
        )


def add_report(
    parcels: Mapping[str, SentParcel],
    progress: Progress,
    at: datetime,
    *,
    number: str = "",
    attempt: int = 1,
    tracking: Tracking,
) -> dict[str, SentParcel]:
    """Add a report about the parcel of that number."""
    new = SentParcel(number=number, attempt=attempt)
    known = parcels.get(new.name) or new
    return {**parcels, known.name: known.reported(progress, at, tracking)}


def parcels_of(parcels: Mapping[str, SentParcel], attempt: int) -> list[SentParcel]:
    """The parcels of an attempt, oldest first, with what was reported without a number added to the one it is about.

    That is a parcel of its own if nothing with a number had left before; else the newest that had left by then.
    """
    if not parcels:
        return []
    ours = [one for one in parcels.values() if one.attempt == attempt]
    numbered = sorted((one for one in ours if one.number), key=_order)
    loose = next((one for one in ours if not one.number), None)
    if loose is None or (at := loose.left_at or loose.failed_at) is None:
        return numbered
    left = [one for one in numbered if one.left_at]
    before = [one for one in left if one.left_at and one.left_at <= at]
    if before:
        return [one.merged(loose) if one is before[-1] else one for one in numbered]
    is_over = bool(left) and loose.left_at is None  # what could not be sent was sent under a number
    return numbered if is_over else sorted([*numbered, loose], key=_order)


def _order(parcel: SentParcel) -> tuple[bool, float, str]:
    at = parcel.left_at or parcel.failed_at
    return at is None, at.timestamp() if at else 0.0, parcel.number


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(filter(None, (one, other)), default=None)


def _newest(one: T | None, other: T | None) -> T | None:
    return max(filter(None, (one, other)), default=None)

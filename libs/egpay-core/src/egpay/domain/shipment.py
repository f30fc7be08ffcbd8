"""Shipment: devices of a sale, requested once, held while in doubt, cancelled if the money is gone.

    REQUESTED --accepted--> ACCEPTED --shipped--> SHIPPED --delivered--> DELIVERED
      |   ^                   ^                     |  failed              |
      |   +------ HELD -------+                     v  returned            v
      |       while in doubt                      FAILED, RETURNED <-------+
      +--failed------> FAILED                       |
      |                  |  also from ACCEPTED, HELD|
      +--money gone--> CANCELLED                    |
                         |                          |
                         +--- shipped again --------+---> REQUESTED, a new attempt

A report may skip steps. What has left cannot be held or cancelled, so a parcel's status outweighs both; of several
parcels the one that needs a person does, then the one on its way.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from egpay.domain.misfit import Misfit
from egpay.domain.parcels import Progress, SentParcel, Tracking, add_report, parcels_of
from egpay.domain.values import ProductId, SaleId

__all__ = ["Progress", "Shipment", "ShipmentStatus", "strongest_fact"]


class ShipmentStatus(StrEnum):
    """Status of a shipment, as `GET /v1/sales/{id}` shows it."""

    REQUESTED = "requested"
    HELD = "held"
    ACCEPTED = "accepted"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    RETURNED = "returned"
    FAILED = "failed"
    CANCELLED = "cancelled"


_STATUS = {
    Progress.FAILED: ShipmentStatus.FAILED,
    Progress.SHIPPED: ShipmentStatus.SHIPPED,
    Progress.DELIVERED: ShipmentStatus.DELIVERED,
    Progress.RETURNED: ShipmentStatus.RETURNED,
}
_GRAVEST_FIRST = (Progress.FAILED, Progress.RETURNED, Progress.SHIPPED, Progress.DELIVERED)


class Shipment(msgspec.Struct, frozen=True, kw_only=True):
    """Shipment, one per sale: facts are added or, for a hold, lifted; `status` is the strongest.

    `asked` says that the warehouse was asked to ship in this attempt; `reason` says in a few words why it is held or
    cancelled. `revision` counts the instructions to the warehouse about it: of two that cross on the wire, the one
    with the higher number holds. `attempts` has the times at which it was asked for again, `items` the quantities by
    product where they were shortened, `settled_refund` how much of what went back a person decided about, and
    `misfit` why its money is not what was ordered. `progress` and the tracking are those of the newest parcel.
    `public_version` counts what the product was told of it.
    """

    sale_id: SaleId
    asked: bool = False
    progress: Progress = Progress.NONE
    held: bool = False
    cancelled: bool = False
    reason: str | None = None
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    status: ShipmentStatus = ShipmentStatus.REQUESTED
    revision: int = 0
    parcels: dict[str, SentParcel] = {}
    attempts: tuple[datetime, ...] = ()
    items: dict[ProductId, int] | None = None
    settled_refund: int = 0
    misfit: Misfit | None = None
    person_held_at: datetime | None = None
    person_released_at: datetime | None = None
    public_version: int = 0

    @property
    def held_by_person(self) -> bool:
        """Whether an operator holds it: of what operators decided the newest counts."""
        released = self.person_released_at
        return self.person_held_at is not None and (released is None or released < self.person_held_at)

    def decided(self, *, held: bool, at: datetime) -> "Shipment":
        """Add that an operator held or released it."""
        field = "person_held_at" if held else "person_released_at"
        known = getattr(self, field)
        return self.changed(**{field: max(at, known) if known else at})

    @property
    def attempt(self) -> int:
        """Which request to ship it is, from 1."""
        return len(self.attempts) + 1

    @property
    def sent(self) -> list[SentParcel]:
        """The parcels of this attempt, oldest first, also those that could not be sent."""
        return parcels_of(self.parcels, self.attempt) if self.parcels else []

    @property
    def all_parcels(self) -> list[SentParcel]:
        """The parcels of all attempts, oldest first."""
        if not self.parcels:
            return []
        return [one for attempt in range(1, self.attempt + 1) for one in parcels_of(self.parcels, attempt)]

    @property
    def dispatched(self) -> bool:
        """Whether it has left the warehouse, so that it cannot be stopped any more."""
        return self.progress >= Progress.SHIPPED or any(one.left_at for one in self.sent)

    def tracking_of(self, parcel: str | None) -> tuple[str | None, str | None, str | None]:
        """Carrier, number and link of the parcel of that name, or of the newest one."""
        found = next((one for one in self.all_parcels if one.name == parcel), None)
        if found is None:
            return self.carrier, self.tracking_number, self.tracking_url
        _, number, url = found.tracking or (None, None, None)
        return found.carrier[1] if found.carrier else None, number or None, url or None

    def reported(
        self,
        progress: Progress,
        at: datetime,
        *,
        parcel: str | None = None,
        attempt: int | None = None,
        tracking: Tracking,
    ) -> "Shipment":
        """Add a report of the warehouse; without an attempt it is about the one that was under way at its time."""
        which = attempt or 1 + sum(began <= at for began in self.attempts)
        if progress is Progress.ACCEPTED:
            reached = max(progress, self.progress) if which == self.attempt else self.progress
            return self.changed(progress=reached)
        parcels = add_report(
            self.parcels, progress, at, number=parcel or "", attempt=which, tracking=tracking
        )
        reached = max(progress, self.progress) if which == self.attempt else self.progress
        return self.changed(parcels=parcels, progress=reached)

    def again(self, at: datetime) -> "Shipment":
        """The next attempt, for which the warehouse was not asked yet."""
        return self.changed(
            attempts=(*self.attempts, at),
            asked=False,
            progress=Progress.NONE,
            held=False,
            cancelled=False,
            reason=None,
        )

    def changed(self, **facts: object) -> "Shipment":
        """The shipment with changed facts and everything derived from them."""
        after = msgspec.structs.replace(self, **facts)
        if newest := _newest_that_left(after):
            carrier, number, url = after.tracking_of(newest.name)
            after = msgspec.structs.replace(after, carrier=carrier, tracking_number=number, tracking_url=url)
        status = strongest_fact(after)
        return after if status is after.status else msgspec.structs.replace(after, status=status)


def _newest_that_left(shipment: Shipment) -> SentParcel | None:
    if not shipment.parcels:
        return None
    return next((one for one in reversed(shipment.all_parcels) if one.left_at), None)


def strongest_fact(shipment: Shipment) -> ShipmentStatus:
    """Derive the status: the first line that holds wins; what has left cannot be held or cancelled."""
    sent = shipment.sent
    left = [one for one in sent if one.left_at]
    unsent = any(one.progress is Progress.FAILED for one in sent if not one.left_at)
    if left or shipment.dispatched:
        # One stored by a release before there were parcels has none.
        found = {one.progress for one in left} or {shipment.progress}
        gravest = Progress.FAILED if unsent else next(each for each in _GRAVEST_FIRST if each in found)
        return _STATUS[gravest]
    precedence = (
        (shipment.cancelled, ShipmentStatus.CANCELLED),
        (unsent or shipment.progress is Progress.FAILED, ShipmentStatus.FAILED),
        (shipment.held, ShipmentStatus.HELD),
        (shipment.progress is Progress.ACCEPTED, ShipmentStatus.ACCEPTED),
    )
    return next((status for holds, status in precedence if holds), ShipmentStatus.REQUESTED)

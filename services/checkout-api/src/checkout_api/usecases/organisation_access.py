"""Organisation access: tells the product what an organisation may use, by the policy as it is stored."""

import re
from dataclasses import dataclass
from datetime import datetime

import msgspec

from checkout_api.usecases.utc_time import UtcTime
from egpay.domain.access import GRACE_OVER, AccessLevel, level_at
from egpay.domain.errors import Outage, Refusal
from egpay.domain.values import OrganisationId, ProductId, SubscriptionId
from egpay.ports.accesses import GrantedAccess, GrantedAccesses
from egpay.ports.clock import Clock

_ORGANISATION_ID = re.compile(r"org_[A-Za-z0-9]{1,60}")


class NoSuchOrganisation(Refusal):
    """There is no organisation with this id."""


class AccessNotStored(Outage):
    """The access of the organisation was never derived, as for a moment after an upgrade."""


class AccessState(msgspec.Struct, frozen=True):
    """What an organisation may use. `version` is that of `access.changed`; `until` is when the level ends by itself."""

    organisation_id: OrganisationId
    access: AccessLevel
    until: UtcTime | None
    why: str
    plan: ProductId | None
    seats: int
    subscriptions: list[SubscriptionId]
    version: int


@dataclass(frozen=True, slots=True)
class OrganisationAccess:
    """Loads the access of an organisation; a grace period that has ended is none, also before that is stored."""

    accesses: GrantedAccesses
    clock: Clock

    async def __call__(self, organisation_id: str) -> AccessState:
        """Load it. Raises NoSuchOrganisation, and Outage when the database is away or nothing is stored yet."""
        if not _ORGANISATION_ID.fullmatch(organisation_id):
            raise NoSuchOrganisation("there is no such organisation")
        found = await self.accesses.of(OrganisationId(organisation_id))
        if found is None:
            raise NoSuchOrganisation("there is no such organisation")
        if found.version is None:
            raise AccessNotStored("the access of this organisation is not derived yet", retry_after=30)
        return _state(found, found.version, at=self.clock())


def _state(found: GrantedAccess, version: int, *, at: datetime) -> AccessState:
    level = level_at(found.level, found.until, at=at)
    over = level is not found.level
    return AccessState(
        organisation_id=found.organisation_id,
        access=level,
        until=None if over else found.until,
        why=GRACE_OVER if over else found.why,
        plan=found.plan,
        seats=found.seats,
        subscriptions=list(found.subscriptions),
        version=version,
    )

"""Accesses: what organisations may use as stored, read by the operator and by the job that watches the time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from egpay.domain.access import Access, AccessLevel
from egpay.domain.values import OrganisationId, ProductId, SubscriptionId


class DueAccess(msgspec.Struct, frozen=True, kw_only=True):
    """Due access: an organisation whose grace period ended at `elapsed`, or, with None, whose access was never stored."""

    organisation_id: OrganisationId
    subscription_id: SubscriptionId
    elapsed: datetime | None = None


class DueAccesses(Protocol):
    """Due accesses, for the job; raises Outage when the database is away."""

    async def over(self, *, at: datetime, most: int) -> Sequence[DueAccess]:
        """The organisations whose grace period is over, and whose access does not say so yet."""
        ...

    async def missing(self, *, most: int) -> Sequence[DueAccess]:
        """The organisations with a subscription and without a stored access, as of before there was any."""
        ...


class GrantedAccess(msgspec.Struct, frozen=True, kw_only=True):
    """Granted access of a known organisation, as the product is told; without a `version` none was ever stored."""

    organisation_id: OrganisationId
    subscriptions: tuple[SubscriptionId, ...] = ()
    level: AccessLevel = AccessLevel.NONE
    why: str = ""
    until: datetime | None = None
    plan: ProductId | None = None
    seats: int = 0
    version: int | None = None


class GrantedAccesses(Protocol):
    """Granted accesses, for the product's own calls."""

    async def of(self, organisation: OrganisationId) -> GrantedAccess | None:
        """That of one organisation, with its subscriptions, the first started first; None for an unknown one."""
        ...


class AccessRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Access as an operator reads it, with the organisation's name and all of its subscriptions, the first first."""

    access: Access
    organisation: str
    subscriptions: tuple[SubscriptionId, ...] = ()


class AccessQueries(Protocol):
    """Access queries of the operator, read-only; raises Outage when the database is away."""

    async def accesses(self, level: AccessLevel | None) -> Sequence[AccessRecord]:
        """All, or those of one level at this moment, by the organisation's name."""
        ...

    async def of(self, name: str) -> AccessRecord | None:
        """The access of one organisation, by its id or that of a subscription or sale of its."""
        ...

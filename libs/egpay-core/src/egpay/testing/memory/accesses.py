"""In-memory granted accesses."""

from dataclasses import dataclass

from egpay.domain.values import OrganisationId
from egpay.ports.accesses import GrantedAccess
from egpay.testing.memory.store import MemoryStore


@dataclass(frozen=True, slots=True)
class MemoryGrantedAccesses:
    """Port `GrantedAccesses` over a MemoryStore."""

    store: MemoryStore

    async def of(self, organisation: OrganisationId) -> GrantedAccess | None:
        """Look it up."""
        self.store.answer()
        tables = self.store.tables
        if organisation not in tables.accounts:
            return None
        held = [one for one in tables.subscriptions.values() if one.organisation_id == organisation]
        held.sort(
            key=lambda one: (one.started_at is None, str(one.started_at), one.id),
        )
        names = tuple(one.id for one in held)
        access = tables.accesses.get(organisation)
        if access is None:
            return GrantedAccess(organisation_id=organisation, subscriptions=names)
        return GrantedAccess(
            organisation_id=organisation,
            subscriptions=names,
            level=access.level,
            why=access.why,
            until=access.until,
            plan=access.plan,
            seats=access.seats,
            version=access.version,
        )

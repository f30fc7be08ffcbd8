"""Granted accesses: what an organisation may use, by the columns that the product is told."""

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.domain.values import OrganisationId
from egpay.ports.accesses import GrantedAccess

GRANTED = """
    SELECT organisations.id AS organisation_id, level, why, until, plan, seats, version, ARRAY(
        SELECT id FROM subscriptions WHERE subscriptions.organisation_id = organisations.id
        ORDER BY started_at NULLS LAST, id
    ) AS subscriptions
    FROM organisations LEFT JOIN access ON access.organisation_id = organisations.id
    WHERE organisations.id = $1
"""


class PostgresGrantedAccesses(msgspec.Struct, frozen=True):
    """Port `GrantedAccesses` over organisations, access and subscriptions, in one statement."""

    pool: Pool

    async def of(self, organisation: OrganisationId) -> GrantedAccess | None:
        """Load it by primary key."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                found = await connection.fetchrow(GRANTED, sanitize_text(organisation))
        if found is None:
            return None
        told = {name: value for name, value in found.items() if value is not None}
        return msgspec.convert(told, GrantedAccess)

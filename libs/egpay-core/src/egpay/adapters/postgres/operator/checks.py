"""Database checks: grants, catalogue and dead letters, for `egpay doctor`."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.adapters.postgres.schema.public_privileges import EXCESS_PRIVILEGES
from egpay.adapters.postgres.schema.rights import RIGHTS, Right, rights
from egpay.domain.foreign import OTHER_INSTALLATION, UNKNOWN_SALE

# From the catalogue, because information_schema shows a login only the rights of its own.
# Views of an extension, such as pg_stat_statements, are granted to PUBLIC by it, and none of ours.
GRANTED = """
    WITH ours AS (
        SELECT oid, relname::text, relacl FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND NOT EXISTS (
            SELECT FROM pg_depend
            WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
        )
    ), granted AS (
        SELECT grantee, relname, privilege_type, NULL AS attname
        FROM ours CROSS JOIN aclexplode(relacl)
        UNION ALL
        SELECT grantee, relname, privilege_type, attname::text
        FROM ours JOIN pg_attribute ON attrelid = ours.oid CROSS JOIN aclexplode(attacl)
    )
    SELECT coalesce(rolname::text, 'PUBLIC'), relname, privilege_type, attname
    FROM granted LEFT JOIN pg_roles ON pg_roles.oid = grantee
    WHERE rolname = ANY($1) OR grantee = 0
"""

WAITING = """
    SELECT
        (SELECT count(*) FROM dead_letters WHERE resolved_at IS NULL) AS letters,
        (SELECT extract(epoch FROM now() - min(created_at)) FROM dead_letters WHERE resolved_at IS NULL) AS oldest
"""

OTHERS = """
    SELECT count(*) FROM webhook_events
    WHERE received_at > now() - interval '1 day' AND disposition = 'ignored' AND reason = ANY($1)
"""

# A sale that got a page later was refused for the moment only.
REFUSED = """
    SELECT count(DISTINCT sale_id) AS orders, max(recorded_at) > now() - interval '1 hour' AS within_the_hour,
           (array_agg(sale_id ORDER BY recorded_at DESC))[1] AS sale_id,
           (array_agg(what ORDER BY recorded_at DESC))[1] AS what
    FROM timeline AS refused
    WHERE kind = 'checkout.refused' AND recorded_at > now() - interval '1 day' AND NOT EXISTS (
        SELECT FROM timeline AS later
        WHERE later.sale_id = refused.sale_id AND later.kind = 'checkout.session_opened' AND later.id > refused.id
    )
"""

UNSYNCED = """
    SELECT id FROM products WHERE on_sale AND NOT EXISTS (
        SELECT FROM prices
        WHERE prices.product = products.id AND replaced_at IS NULL AND amount = unit_amount
            AND prices.currency = products.currency AND prices.interval IS NOT DISTINCT FROM products.interval
            AND prices.interval_count = products.interval_count
    )
    ORDER BY position
"""


class WaitingWork(msgspec.Struct, frozen=True):
    """Dead letters that wait for a person, and the age of the oldest in seconds."""

    letters: int
    oldest: float


class RefusedCheckouts(msgspec.Struct, frozen=True):
    """Orders of the last day whose page the provider refused for good: how many, and the last of them."""

    orders: int
    within_the_hour: bool | None
    sale_id: str | None
    what: str | None


class PostgresChecks(msgspec.Struct, frozen=True):
    """Read-only checks of the database; each raises Outage when it does not answer."""

    pool: Pool

    async def rights(self) -> list[str]:
        """Where the services' roles may do more or less than they need, one sentence each."""
        roles = sorted(RIGHTS)
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                known = await connection.fetch("SELECT rolname FROM pg_roles WHERE rolname = ANY($1)", roles)
                present = [row["rolname"] for row in known]
                granted = await connection.fetch(GRANTED, present)
                excess = await connection.fetch(EXCESS_PRIVILEGES, present)
        needed = {right for right in rights() if right.role in present}
        actual = {Right(*row) for row in granted}
        return [
            *(f"{role}: there is no such role" for role in roles if role not in present),
            *_sentences("{role} lacks {what} on {table}", needed - actual),
            *_sentences("{role} has {what} on {table} beyond its needs", actual - needed),
            *(f"{role} has {what} beyond its needs" for role, what in sorted(map(tuple, excess))),
        ]

    async def unsynced(self) -> list[str]:
        """Products on sale that Stripe does not sell for what they cost here: orders for them are refused."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                return [row["id"] for row in await connection.fetch(UNSYNCED)]

    async def waiting(self) -> WaitingWork:
        """Count dead letters."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                [row] = await connection.fetch(WAITING)
        return WaitingWork(row["letters"], float(row["oldest"] or 0.0))

    async def refused_checkouts(self) -> RefusedCheckouts:
        """Count the orders of the last day that the provider opened no page for."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                [row] = await connection.fetch(REFUSED)
        return RefusedCheckouts(*row)

    async def of_other_installations(self) -> int:
        """Count the last day's events of another installation on the provider's account, or of its sales."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                count: int = await connection.fetchval(OTHERS, [OTHER_INSTALLATION, UNKNOWN_SALE])
        return count


def _sentences(form: str, faults: Iterable[Right]) -> Iterator[str]:
    """One sentence for each role and table."""
    places: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for fault in sorted(faults, key=_place):
        places[fault.role, fault.table][fault.privilege].append(fault.column or "")
    for (role, table), privileges in places.items():
        words = (
            f"{privilege} of {', '.join(columns)}" if any(columns) else privilege
            for privilege, columns in privileges.items()
        )
        yield form.format(role=role, table=table, what=", ".join(words))


def _place(right: Right) -> tuple[str, ...]:
    return right.role, right.table, right.privilege, right.column or ""

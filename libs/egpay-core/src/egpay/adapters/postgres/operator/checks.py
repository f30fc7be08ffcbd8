"""Database checks: grants, dead letters and open cases, for `egpay doctor`."""

import re
from collections.abc import Iterator, Mapping

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.adapters.postgres.schema.grants import RIGHTS

TABLE_RIGHTS = """
    SELECT grantee, table_name, array_agg(privilege_type::text) AS rights
    FROM information_schema.table_privileges
    WHERE table_schema = 'public' AND grantee = ANY($1::text[]) GROUP BY grantee, table_name
"""

COLUMN_RIGHTS = """
    SELECT grantee, table_name, array_agg(column_name::text) AS columns
    FROM information_schema.column_privileges
    WHERE table_schema = 'public' AND privilege_type = 'UPDATE' AND grantee = ANY($1::text[])
    GROUP BY grantee, table_name
"""

WAITING = """
    SELECT
        (SELECT count(*) FROM dead_letters WHERE resolved_at IS NULL) AS letters,
        (SELECT extract(epoch FROM now() - min(created_at)) FROM dead_letters WHERE resolved_at IS NULL) AS oldest,
        (SELECT count(*) FROM cases WHERE closed_at IS NULL) AS cases
"""

_RIGHT = re.compile(r"([A-Z]+)(?: \(([^)]*)\))?")


class WaitingWork(msgspec.Struct, frozen=True):
    """Work that waits for a person: dead letters, the age of the oldest in seconds, open cases."""

    letters: int
    oldest: float
    cases: int


class PostgresChecks(msgspec.Struct, frozen=True):
    """Read-only checks of the database; each raises Outage when it does not answer."""

    pool: Pool

    async def rights(self) -> list[str]:
        """Where the services' roles may do more or less than they need, one sentence each."""
        roles = sorted(RIGHTS)
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                known = await connection.fetch("SELECT rolname FROM pg_roles WHERE rolname = ANY($1)", roles)
                tables = await connection.fetch(TABLE_RIGHTS, roles)
                columns = await connection.fetch(COLUMN_RIGHTS, roles)
        missing = set(roles) - {row["rolname"] for row in known}
        actual = {(row["grantee"], row["table_name"]): set(row["rights"]) for row in tables}
        writable = {(row["grantee"], row["table_name"]): set(row["columns"]) for row in columns}
        return [f"{role}: there is no such role" for role in sorted(missing)] + [
            fault for role in roles if role not in missing for fault in _faults(role, actual, writable)
        ]

    async def waiting(self) -> WaitingWork:
        """Count dead letters and open cases."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                [row] = await connection.fetch(WAITING)
        return WaitingWork(row["letters"], float(row["oldest"] or 0.0), row["cases"])


def _faults(
    role: str,
    actual: Mapping[tuple[str, str], set[str]],
    writable: Mapping[tuple[str, str], set[str]],
) -> Iterator[str]:
    for table, allowed in RIGHTS[role].items():
        given = actual.get((role, table), set())
        whole, columns = _wanted(allowed)
        if lacking := whole - given:
            yield f"{role} lacks {', '.join(sorted(lacking))} on {table}"
        if lacking := columns - writable.get((role, table), set()):
            yield f"{role} lacks UPDATE of {', '.join(sorted(lacking))} on {table}"
        if surplus := given - whole:
            yield f"{role} has {', '.join(sorted(surplus))} on {table} beyond its needs"
    for grantee, table in sorted(actual):
        if grantee == role and table not in RIGHTS[role]:
            yield f"{role} has rights on {table} that it does not need"


def _wanted(allowed: str) -> tuple[set[str], set[str]]:
    """Parse `SELECT, UPDATE (a, b)` into rights on the whole table, and columns that may be written."""
    found = _RIGHT.findall(allowed)
    whole = {right for right, columns in found if not columns}
    return whole, {column.strip() for _, columns in found if columns for column in columns.split(",")}

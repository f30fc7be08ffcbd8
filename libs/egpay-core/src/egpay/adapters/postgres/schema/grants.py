"""Least-privilege grants: gives each role exactly the privileges of the rights table, in a migration."""

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters.postgres.schema.public_privileges import REVOKE_FROM_PUBLIC
from egpay.adapters.postgres.schema.rights import BILLING_WORKER, RIGHTS


async def grant(connection: AsyncConnection) -> None:
    """Create missing roles, without a password, and grant them exactly these privileges."""
    for statement in _statements():
        await connection.execute(text(statement))
    await connection.commit()


def _statements() -> Iterator[str]:
    yield REVOKE_FROM_PUBLIC
    for role, tables in RIGHTS.items():
        yield _create(role)
        for what in ("ALL TABLES IN SCHEMA", "ALL SEQUENCES IN SCHEMA", "ALL FUNCTIONS IN SCHEMA", "SCHEMA"):
            yield f"REVOKE ALL ON {what} public FROM {role}"
        yield f"GRANT USAGE ON SCHEMA public TO {role}"
        for table, allowed in tables.items():
            yield f"GRANT {allowed} ON {table} TO {role}"
    yield f"GRANT EXECUTE ON FUNCTION purge_aged(TEXT, INTERVAL, INTEGER) TO {BILLING_WORKER}"


def _create(role: str) -> str:
    """Create a role; a concurrent migration may create it too, because roles are cluster-wide."""
    return f"""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                CREATE ROLE {role} LOGIN;
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
        END $$
    """

"""Least-privilege grants: one role a service, so that a compromised one cannot rewrite history."""

from collections.abc import Iterator, Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from egpay.adapters.postgres.books.saving import SALE_FACTS

CHECKOUT_API = "egpay_checkout_api"
BILLING_WORKER = "egpay_billing_worker"

_PAGE = "status, session_attempt, session_progress, checkout_session_id, checkout_url, checkout_expires_at, updated_at"
_FACTS = ", ".join((*SALE_FACTS, "updated_at"))

_MESSAGES: Mapping[str, str] = {
    "webhook_events": "SELECT, INSERT, UPDATE (deliveries, redelivered_at)",
    "outbox": "SELECT, INSERT, UPDATE (published_at, leased_until)",
    "dead_letters": "SELECT, INSERT, UPDATE (reason, trace, attempts, failed_in, updated_at)",
    "timeline": "SELECT, INSERT",
    "providers": "SELECT, INSERT, UPDATE",
    "alembic_version": "SELECT",
}

RIGHTS: Mapping[str, Mapping[str, str]] = {
    CHECKOUT_API: {
        **_MESSAGES,
        "products": "SELECT",
        "sales": f"SELECT, INSERT, UPDATE ({_PAGE})",
        "sale_lines": "SELECT, INSERT",
        "idempotency_keys": "SELECT, INSERT, UPDATE (key, sale_id, done, held_until), DELETE",
        "subscriptions": "SELECT",
        "shipments": "SELECT",
        "organisations": "SELECT",
        "users": "SELECT",
    },
    BILLING_WORKER: {
        **_MESSAGES,
        "products": "SELECT",
        "sales": f"SELECT, UPDATE ({_FACTS})",
        "sale_lines": "SELECT",
        "processed_messages": "SELECT, INSERT",
        "organisations": "SELECT, INSERT, UPDATE",
        "users": "SELECT, INSERT, UPDATE",
        "invitations": "SELECT, INSERT, UPDATE (expires_at)",
        "subscriptions": "SELECT, INSERT, UPDATE",
        "payments": "SELECT, INSERT, UPDATE",
        "shipments": "SELECT, INSERT, UPDATE",
        "owners": "SELECT, INSERT, UPDATE",
        "cases": "SELECT, INSERT",
        "reconcile_cursors": "SELECT, INSERT, UPDATE",
        "reconcile_findings": "SELECT, INSERT, UPDATE (late_at)",
        "emails": "SELECT, INSERT, UPDATE",
        "pace": "SELECT, INSERT, UPDATE",
        "questions": "SELECT, INSERT, UPDATE",
    },
}
"""Privileges of each service on each table; what is not named is denied.

Neither may delete a webhook, change the catalogue, or create or drop anything; the worker may have old rows
purged, by a function that spares a week."""


async def grant(connection: AsyncConnection) -> None:
    """Create missing roles, without a password, and grant them exactly these privileges."""
    for statement in _statements():
        await connection.execute(text(statement))
    await connection.commit()


def _statements() -> Iterator[str]:
    for role, rights in RIGHTS.items():
        yield _create(role)
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
        yield f"GRANT USAGE ON SCHEMA public TO {role}"
        for table, allowed in rights.items():
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

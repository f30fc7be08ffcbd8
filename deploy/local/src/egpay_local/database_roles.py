"""Database roles: each program logs in as its own; `egpay migrate` makes them, and gives them their passwords."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg


@dataclass(frozen=True, slots=True)
class DatabaseLogin:
    """A role, and the variable in which `egpay migrate` takes its password."""

    role: str
    variable: str


SERVICES = {
    "checkout-api": DatabaseLogin("egpay_checkout_api", "CHECKOUT_API_DB_PASSWORD"),
    "billing-worker": DatabaseLogin("egpay_billing_worker", "BILLING_WORKER_DB_PASSWORD"),
}
OPERATOR = DatabaseLogin("egpay_operator", "OPERATOR_DB_PASSWORD")
LOGINS = (*SERVICES.values(), OPERATOR)


def migration_environment(owner_url: str, passwords: Mapping[str, str]) -> dict[str, str]:
    """Returns what `egpay migrate` needs beside the operator's environment: the owner's login, passwords by role."""
    given = {login.variable: passwords[login.role] for login in LOGINS}
    return {"MIGRATE_DATABASE_URL": owner_url, **given}


def ensure_database(admin_url: str, name: str) -> None:
    """Creates the database on the first start; leaves it alone afterwards."""
    asyncio.run(_ensure_database(admin_url, name))


async def _ensure_database(admin_url: str, name: str) -> None:
    connection = await asyncpg.connect(admin_url)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()

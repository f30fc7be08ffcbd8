"""Database roles: each service logs in as its own; the schema grants its rights, this its password."""

import asyncio
from collections.abc import Mapping

import asyncpg

SERVICES = {"checkout-api": "egpay_checkout_api", "billing-worker": "egpay_billing_worker"}
PASSWORDS = {
    "egpay_checkout_api": "CHECKOUT_API_DB_PASSWORD",
    "egpay_billing_worker": "BILLING_WORKER_DB_PASSWORD",
}
"""Variables with the passwords that `egpay migrate` gives to these roles."""


def ensure_database(admin_url: str, name: str) -> None:
    """Creates the database on the first start; leaves it alone afterwards."""
    asyncio.run(_ensure_database(admin_url, name))


def set_passwords(owner_url: str, passwords: Mapping[str, str]) -> None:
    """Sets new passwords at every start, so that no file has to store them."""
    asyncio.run(_set_passwords(owner_url, passwords))


async def _ensure_database(admin_url: str, name: str) -> None:
    connection = await asyncpg.connect(admin_url)
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", name):
            await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()


async def _set_passwords(owner_url: str, passwords: Mapping[str, str]) -> None:
    connection = await asyncpg.connect(owner_url)
    try:
        for role, password in passwords.items():
            statement = await connection.fetchval(
                "SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)", role, password
            )
            await connection.execute(statement)
    finally:
        await connection.close()

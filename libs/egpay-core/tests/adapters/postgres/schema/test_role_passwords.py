"""A role logs in with the password it was given, and PostgreSQL never saw it."""

import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from egpay.adapters.postgres.schema.role_passwords import set_passwords
from egpay.domain.errors import Refusal


@pytest.fixture
async def role(database_url: str) -> AsyncIterator[str]:
    """A role of the test's own: roles belong to the whole server."""
    name = f"test_{secrets.token_hex(6)}"
    owner = await asyncpg.connect(database_url)
    await owner.execute(f"CREATE ROLE {name}")
    yield name
    await owner.execute(f"DROP ROLE {name}")
    await owner.close()


def _as(role: str, password: str, database_url: str) -> str:
    owner = urlsplit(database_url)
    return owner._replace(netloc=f"{role}:{password}@{owner.hostname}:{owner.port}").geturl()


async def test_a_role_logs_in_with_its_newest_password_only(database_url: str, role: str) -> None:
    for password in ("first-'quoted'-$one", "second"):
        await set_passwords(database_url, {role: password})
    connection = await asyncpg.connect(_as(role, "second", database_url))
    assert await connection.fetchval("SELECT current_user") == role
    await connection.close()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(_as(role, "first-'quoted'-$one", database_url))


async def test_the_server_keeps_and_sees_a_verifier_instead_of_the_password(
    database_url: str, role: str
) -> None:
    await set_passwords(database_url, {role: "told-to-nobody"})
    owner = await asyncpg.connect(database_url)
    kept = await owner.fetchval("SELECT rolpassword FROM pg_authid WHERE rolname = $1", role)
    await owner.close()
    assert kept.startswith("SCRAM-SHA-256$4096:")
    assert "told-to-nobody" not in kept


async def test_a_password_that_two_programs_could_read_differently_is_refused(
    database_url: str, role: str
) -> None:
    with pytest.raises(Refusal, match="printable ASCII"):
        await set_passwords(database_url, {role: "pässword"})

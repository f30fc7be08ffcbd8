"""Two logins: the operator's for nearly everything, the schema owner's for what changes tables and prices."""

import asyncpg
import pytest
from egpay_system import CATALOGUE as DEMO_FILE
from egpay_system import database_login_url, login_passwords
from operator_system import EgpayCommand

from egpay_local.database_roles import LOGINS, migration_environment

CATALOGUE = str(DEMO_FILE)


@pytest.fixture
def operator(database_url: str) -> EgpayCommand:
    """The program without the owner's login."""
    return EgpayCommand({"DATABASE_URL": f"{database_url}?role=egpay_operator"})


@pytest.mark.parametrize("command", [("migrate",), ("catalogue", "apply", CATALOGUE, "--local")])
async def test_the_operators_login_neither_migrates_nor_sets_prices(
    operator: EgpayCommand, command: tuple[str, ...]
) -> None:
    refused = await operator(*command, expect=1)
    assert len(refused.err.splitlines()) == 1
    assert "does not own" in refused.err or "it is the owner's" in refused.err


@pytest.mark.parametrize("variable", ["MIGRATE_DATABASE_URL", "DATABASE_URL"])
async def test_the_owners_login_comes_from_its_own_variable_or_else_from_the_one_for_all(
    operator: EgpayCommand, database_url: str, variable: str
) -> None:
    owner = EgpayCommand({**operator.env, variable: database_url})
    assert "have their rights" in (await owner("migrate")).out
    assert "are on sale" in (await owner("catalogue", "apply", CATALOGUE, "--local")).out
    assert "sensor" in (await operator("catalogue", "ls")).out


async def test_without_any_login_the_command_says_which_variable_is_missing() -> None:
    assert "MIGRATE_DATABASE_URL: is missing" in (await EgpayCommand()("migrate", expect=2)).err


async def test_each_role_gets_the_password_that_migrate_is_given(empty_database_url: str) -> None:
    """The passwords are those of every system of the tests, because roles belong to the whole server."""
    environment = migration_environment(empty_database_url, login_passwords(empty_database_url))
    done = await EgpayCommand(environment)("migrate")
    for login in LOGINS:
        assert f"{login.role}: has its password" in done.out
        assert environment[login.variable] not in done.out + done.err
        connection = await asyncpg.connect(database_login_url(login.role, empty_database_url))
        assert await connection.fetchval("SELECT version_num FROM alembic_version")
        await connection.close()

from collections.abc import AsyncIterator

import pytest
from operator_system import EgpayCommand, OperatorSystem

from egpay.adapters.nats.provision import provision
from egpay.adapters.postgres.schema.rights import OPERATOR
from egpay.testing.storage import in_postgres


def _logins(database_url: str) -> dict[str, str]:
    return {"DATABASE_URL": f"{database_url}?role={OPERATOR}", "MIGRATE_DATABASE_URL": database_url}


@pytest.fixture
def egpay(database_url: str) -> EgpayCommand:
    """The program on a database of its own, under the operator's rights."""
    return EgpayCommand(_logins(database_url))


@pytest.fixture
async def system(database_url: str, nats_url: str) -> AsyncIterator[OperatorSystem]:
    """Everything an operator works with."""
    await provision(nats_url)
    async with in_postgres(database_url) as storage:
        program = EgpayCommand({**_logins(database_url), "NATS_URL": nats_url})
        yield OperatorSystem(database_url, nats_url, storage, program)

from collections.abc import AsyncIterator

import pytest
from operator_system import Desk, Program

from egpay.adapters.nats.provision import provision
from egpay.testing.storage import in_postgres


@pytest.fixture
def egpay(database_url: str) -> Program:
    """The program on a database of its own."""
    return Program({"DATABASE_URL": database_url})


@pytest.fixture
async def desk(database_url: str, nats_url: str) -> AsyncIterator[Desk]:
    """Everything an operator works with."""
    await provision(nats_url)
    async with in_postgres(database_url) as storage:
        program = Program({"DATABASE_URL": database_url, "NATS_URL": nats_url})
        yield Desk(database_url, nats_url, storage, program)

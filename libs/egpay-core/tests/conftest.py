"""Storage as the contract tests ask for it: the same tests meet memory and PostgreSQL."""

from collections.abc import AsyncIterator

import pytest

from egpay.testing.memory import MemoryStore
from egpay.testing.storage import Storage, in_memory, in_postgres


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
async def storage(request: pytest.FixtureRequest) -> AsyncIterator[Storage]:
    """The same promises, kept twice."""
    if request.param == "memory":
        yield in_memory(MemoryStore())
    else:
        async with in_postgres(request.getfixturevalue("database_url")) as real:
            yield real


@pytest.fixture
async def postgres(database_url: str) -> AsyncIterator[Storage]:
    """PostgreSQL alone, for what only it can get wrong."""
    async with in_postgres(database_url) as real:
        yield real

import asyncio
from collections.abc import Callable, Iterator, Mapping

import pytest
import uvloop
from interleaving_counts import InterleavingCounts


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The event loop of the services: a step of it costs a fraction of asyncio's own, and these tests take millions."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
def interleaving_counts(request: pytest.FixtureRequest) -> Iterator[InterleavingCounts]:
    """Counts what a test of this folder tried; the report adds all of them up."""
    counted = InterleavingCounts()
    yield counted
    request.node.user_properties.append(("tally", counted.told()))

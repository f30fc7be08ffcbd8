from collections.abc import Iterator

import pytest
from interleaving_counts import InterleavingCounts


@pytest.fixture
def interleaving_counts(request: pytest.FixtureRequest) -> Iterator[InterleavingCounts]:
    """Counts what a test of this folder tried; the report adds all of them up."""
    counted = InterleavingCounts()
    yield counted
    request.node.user_properties.append(("tally", counted.told()))

from collections.abc import Iterator

import pytest
from interleaving_counts import Tally


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Where a test of this folder counts what it tried; the report adds all of them up."""
    counted = Tally()
    yield counted
    request.node.user_properties.append(("tally", counted.told()))

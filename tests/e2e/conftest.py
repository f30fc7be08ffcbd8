from collections.abc import Iterator
from pathlib import Path

import pytest
from egpay_system import EgpaySystem, running_system


@pytest.fixture
def egpay(database_url: str, nats_url: str, tmp_path: Path) -> Iterator[EgpaySystem]:
    """All of egpay, running."""
    with running_system(database_url, nats_url, tmp_path) as system:
        yield system

"""Options of `make test-fuzz`; without them its requests are not fired, because they take minutes."""

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fuzz-requests", type=int, help="how many hostile requests `make test-fuzz` fires")
    parser.addoption("--fuzz-seed", type=int, default=20_261_123, help="which requests they are")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`make test` leaves out what only a number of requests gives a meaning."""
    asked = config.getoption("fuzz_requests", default=None)
    return True if collection_path.name == "test_hostile_requests.py" and not asked else None

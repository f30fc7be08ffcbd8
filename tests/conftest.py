"""A running system that takes blows, and how hard the storm blows."""

from collections.abc import Iterator

import pytest
from egpay_system import EgpaySystem, running_system

from egpay_local import backing as backings
from egpay_local.backing.databases import Databases


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--storm-pairs",
        type=int,
        default=400,
        help="renewals of the storm (tests/fault_injection/test_renewal_burst.py); 5000 is its full size",
    )


@pytest.fixture(scope="session")
def dirty_system(
    databases: Databases, backing: backings.Backing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EgpaySystem]:
    """All of egpay, running, for tests that send what is wrong and leave dead letters behind; nothing is killed."""
    folder = tmp_path_factory.mktemp("dirty-system")
    with (
        databases.fresh() as database_url,
        backing.clean_nats(folder / "nats") as nats_url,
        running_system(database_url, nats_url, folder) as system,
    ):
        yield system

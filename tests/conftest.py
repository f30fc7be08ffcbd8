"""Shared fixtures: a running system, another for wrong input, and the strength of the fault tests."""

from collections.abc import Iterator

import pytest
from egpay_system import EgpaySystem, running_system
from tls_broker import tls_broker

from egpay_local import backing as backings
from egpay_local.backing.databases import Databases


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--storm-pairs",
        type=int,
        default=400,
        help="renewals of the storm (tests/load/test_renewal_burst.py); 5000 is its full size",
    )
    parser.addoption(
        "--account-buyers",
        type=int,
        default=12,
        help="buyers on a shared account (tests/load/test_shared_account.py), three purchases each",
    )


@pytest.fixture(scope="session")
def egpay(
    databases: Databases, backing: backings.Backing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EgpaySystem]:
    """Runs all of egpay with its store, shared: every test brings a buyer of its own."""
    folder = tmp_path_factory.mktemp("egpay")
    with (
        databases.fresh() as database_url,
        backing.clean_nats(folder / "nats") as nats_url,
        running_system(database_url, nats_url, folder) as system,
    ):
        yield system


@pytest.fixture(scope="session")
def dirty_system(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EgpaySystem]:
    """Runs all of egpay, over TLS, for tests that send wrong input and leave dead letters; kills no process."""
    folder = tmp_path_factory.mktemp("dirty-system")
    with (
        databases.fresh() as database_url,
        tls_broker(folder / "nats") as broker,
        running_system(database_url, broker.url, folder, NATS_CA_FILE=broker.ca_file) as system,
    ):
        yield system

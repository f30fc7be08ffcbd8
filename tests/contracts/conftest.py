"""Fixtures of the contract tests: a running system, for the tools of those who build on it."""

from collections.abc import Iterator

import pytest
from egpay_system import EgpaySystem, running_system

from egpay_local import backing as backings
from egpay_local.backing.databases import Databases


@pytest.fixture(scope="module")
def egpay(
    databases: Databases, backing: backings.Backing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EgpaySystem]:
    """Runs all of egpay with its store."""
    folder = tmp_path_factory.mktemp("contracts")
    with (
        databases.fresh() as database_url,
        backing.clean_nats(folder / "nats") as nats_url,
        running_system(database_url, nats_url, folder) as system,
    ):
        yield system

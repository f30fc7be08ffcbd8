"""Fixtures of the drills: a running system of their own, an operator beside it, and how long an outage lasts."""

from collections.abc import Iterator

import pytest
from drill_desk import DrillDesk
from egpay_system import running_system

from egpay_local import backing as backings
from egpay_local.backing.databases import Databases


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--drill-outage",
        type=float,
        default=60.0,
        help="seconds for which the mail server, the warehouse and the product are away in a drill",
    )


@pytest.fixture(scope="session")
def drilled(
    databases: Databases,
    backing: backings.Backing,
    tmp_path_factory: pytest.TempPathFactory,
    pytestconfig: pytest.Config,
) -> Iterator[DrillDesk]:
    """Runs all of egpay for the drills."""
    folder = tmp_path_factory.mktemp("drills")
    with (
        databases.fresh() as database_url,
        backing.clean_nats(folder / "nats") as nats_url,
        running_system(database_url, nats_url, folder) as system,
    ):
        yield DrillDesk(system, outage=pytestconfig.getoption("--drill-outage"))


@pytest.fixture
def desk(drilled: DrillDesk) -> Iterator[DrillDesk]:
    """The operator's desk before a drill: nothing broken, no command given yet; what a drill broke is mended."""
    drilled.given.clear()
    try:
        yield drilled
    finally:
        drilled.mend_all()

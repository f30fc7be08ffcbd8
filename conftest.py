"""What every test may ask for: a fresh migrated database, a clean JetStream server, and nothing to set up by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from egpay_local import backing as backings
from egpay_local.backing.databases import Databases, prepared

_SERVER_FIXTURES = {"backing", "databases", "database_url", "empty_database_url", "nats_url"}
_REAL_SERVERS = (
    "deploy/local/tests",
    "libs/egpay-core/tests/nats",
    "libs/egpay-core/tests/serving",
    "libs/egpay-sandbox/tests",
    "tests/disorder",
    "tests/docker",
    "tests/e2e",
    "tests/hostile",
    "tests/torture",
    "tests/browser",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--backing",
        choices=backings.NAMES,
        default="embedded",
        help="where PostgreSQL and NATS come from: wheels, testcontainers, or DATABASE_URL and NATS_URL",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "integration: starts servers or processes; set by itself")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The fast tests do not even import what they leave out."""
    fast = config.getoption("markexpr") == "not integration"
    return True if fast and _starts_servers(collection_path, config) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`make check` leaves out what starts something: whoever asks for a server fixture is marked for it."""
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if asked & _SERVER_FIXTURES or _starts_servers(item.path, config):
            item.add_marker(pytest.mark.integration)


def _starts_servers(path: Path, config: pytest.Config) -> bool:
    return path.relative_to(config.rootpath).as_posix().startswith(_REAL_SERVERS)


@pytest.fixture(scope="session")
def backing(pytestconfig: pytest.Config) -> Iterator[backings.Backing]:
    """Real servers for the whole session, from where `--backing` says."""
    start = backings.named(pytestconfig.getoption("backing"))
    with start(pytestconfig.rootpath / ".egpay") as servers:
        yield servers


@pytest.fixture(scope="session")
def databases(backing: backings.Backing) -> Iterator[Databases]:
    """The migrated template and the right to copy it."""
    from egpay.adapters.postgres.migrate import upgrade

    with prepared(backing.admin_url, upgrade) as ready:
        yield ready


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A migrated database of the test's own, as its owner."""
    with databases.fresh() as url:
        yield url


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """A database without a single table, for the tests of the migrations themselves."""
    with databases.fresh(migrated=False) as url:
        yield url


@pytest.fixture
def nats_url(backing: backings.Backing, tmp_path: Path) -> Iterator[str]:
    """A JetStream server without any stream."""
    with backing.clean_nats(tmp_path / "nats") as url:
        yield url

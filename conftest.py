"""What every test may ask for: a fresh migrated database, a clean JetStream server, and nothing to set up by hand.

The suite runs in as many processes as `-n` says: tests that share a running system go to the same one, the longest
first, and what a test has to report is told once, at the end.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from egpay_local import backing as backings
from egpay_local.backing.databases import Databases, prepared

_SERVER_FIXTURES = {"backing", "databases", "database_url", "empty_database_url", "nats_url"}
_REAL_SERVERS = (
    "deploy/local/tests",
    "libs/egpay-core/tests/adapters/nats",
    "libs/egpay-core/tests/runtime/serving",
    "libs/egpay-sandbox/tests",
    "tests/fault_injection",
    "tests/contracts",
    "tests/docker",
    "tests/drills",
    "tests/e2e",
    "tests/fuzz",
    "tests/load",
    "tests/torture",
    "tests/browser",
)
_THOROUGH = (
    "services/checkout-api/tests/usecases/test_address_validation.py",
    "tests/ordering/test_crash_points.py",
    "tests/ordering/test_whole_worker.py",
    "tests/security",
)
_ON_REQUEST = (
    "tests/browser/thorough",
    "tests/contracts",
    "tests/docker",
    "tests/drills",
    "tests/load",
    "tests/torture",
)
"""Folders whose tests run only where they are named: they need npm, an engine, or minutes."""
_ONE_SYSTEM = (
    "tests/ordering/test_convergence_live.py",
    "tests/e2e",
    "deploy/local/tests",
    "tests/contracts",
    "tests/docker",
    "tests/drills",
    "tests/load",
    "tests/torture",
)
"""Folders and files whose tests share a running system: it is started once."""
_SYSTEM_OF = {"tests/browser": "tests/e2e"}
"""Folders whose tests use the running system of another."""
_SYSTEM_FIXTURES = ("killable", "dirty_system")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--backing",
        choices=backings.NAMES,
        default="embedded",
        help="where PostgreSQL and NATS come from: wheels, testcontainers, or DATABASE_URL and NATS_URL",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "integration: starts servers or processes, or takes its time; set by itself"
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What is left out is not even imported: by the fast tests what takes its time, by all what is not asked for."""
    name = _name(collection_path, config)
    asked = [(config.invocation_params.dir / each.split("::")[0]).resolve() for each in config.args]
    for folder in _ON_REQUEST:
        if name.startswith(folder) and not any(_name(each, config).startswith(folder) for each in asked):
            return True
    fast = config.getoption("markexpr") == "not integration"
    return True if fast and name.startswith(_REAL_SERVERS + _THOROUGH) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`make check` leaves out what starts something or takes long: whoever asks for a server fixture is marked for it."""
    for item in items:
        asked = set(getattr(item, "fixturenames", ()))
        if asked & _SERVER_FIXTURES or _left_for_later(item.path, config):
            item.add_marker(pytest.mark.integration)
        if together := _together(item, asked):
            item.add_marker(pytest.mark.xdist_group(together))
    # Elsewhere all share one broker: a system that goes on running there takes the messages of later tests.
    items.sort(key=_length if config.getoption("backing") == "embedded" else _goes_on_running)


def _goes_on_running(item: pytest.Item) -> bool:
    """Whether a test starts, or uses, the system that runs until the end of the session."""
    return "egpay" in getattr(item, "fixturenames", ())


def _left_for_later(path: Path, config: pytest.Config) -> bool:
    return _name(path, config).startswith(_REAL_SERVERS + _THOROUGH)


def _together(item: pytest.Item, asked: set[str]) -> str | None:
    fixtures = [name for name in _SYSTEM_FIXTURES if name in asked]
    name = _name(item.path, item.config)
    name = next((system for folder, system in _SYSTEM_OF.items() if name.startswith(folder)), name)
    places = [place for place in _ONE_SYSTEM if name.startswith(place)]
    return next(iter(fixtures + places), None)


def _length(item: pytest.Item) -> int:
    """Long groups first, so that no process has all of one left when the others are done."""
    group = item.get_closest_marker("xdist_group")
    longest = (_ONE_SYSTEM[0], *_SYSTEM_FIXTURES, *_ONE_SYSTEM[1:])
    return longest.index(group.args[0]) if group else len(longest)


def _name(path: Path, config: pytest.Config) -> str:
    return path.relative_to(config.rootpath).as_posix() if path.is_relative_to(config.rootpath) else ""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests have to tell, whichever process they ran in."""
    from interleaving_counts import InterleavingCounts

    counted, lines = InterleavingCounts(), []
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport) and report.when == "teardown":
                for kind, told in report.user_properties:
                    lines += [str(told)] if kind == "report" else []
                    counted.add(told) if kind == "tally" else None
    for line in (*lines, *counted.lines(), *_left_out(terminalreporter.config)):
        terminalreporter.write_line(line)


def _left_out(config: pytest.Config) -> list[str]:
    """What was to run and cannot here, with the command that would."""
    from chromium import reason_left_out

    fast = config.getoption("markexpr") == "not integration"
    whole = set(config.args) >= set(config.getini("testpaths"))
    return [reason] if whole and not fast and (reason := reason_left_out()) else []


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """Lines for the end of the test report, whether the test passes or not."""
    lines: list[str] = []
    yield lines
    request.node.user_properties.extend(("report", line) for line in lines)


@pytest.fixture(scope="session")
def backing(pytestconfig: pytest.Config) -> Iterator[backings.Backing]:
    """Real servers for the whole session, from where `--backing` says."""
    start = backings.named(pytestconfig.getoption("backing"))
    with start(pytestconfig.rootpath / ".egpay") as servers:
        yield servers


@pytest.fixture(scope="session")
def databases(backing: backings.Backing) -> Iterator[Databases]:
    """The migrated template and the right to copy it."""
    from egpay.adapters.postgres.schema.migrate import upgrade

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

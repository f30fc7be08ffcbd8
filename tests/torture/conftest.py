import pytest

_LINES = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--torture-minutes", type=float, help="how long the storm blows; a quarter of one by itself"
    )
    parser.addoption("--torture-seed", type=int, help="which storm it is")


@pytest.fixture
def report(pytestconfig: pytest.Config) -> list[str]:
    """Lines for the end of the test report."""
    return pytestconfig.stash.setdefault(_LINES, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """What the storm came to, whether the test passed or not."""
    for line in config.stash.get(_LINES, []):
        terminalreporter.write_line(line)

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--torture-minutes", type=float, help="how long the storm blows; a quarter of one by itself"
    )
    parser.addoption("--torture-seed", type=int, help="which storm it is")

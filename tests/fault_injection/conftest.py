"""Fixtures of the killing tests: one shared system that each test leaves running again."""

import asyncio
from collections.abc import Iterator

import pytest
from consumers import shorten
from killable_system import KillableSystem, killable_system
from slow_smtp_server import SlowSmtpServer, slow_smtp_server

from egpay_local.backing.databases import Databases

WAITS = {"reactions": 2.0, "effects-mail": 4.0}
"""Seconds that the broker waits for an acknowledgement, instead of 10 and 60."""


@pytest.fixture(scope="session")
def smtp_server() -> Iterator[SlowSmtpServer]:
    """Receives the mail of the killable system."""
    with slow_smtp_server() as server:
        yield server


@pytest.fixture(scope="session")
def shared_killable(
    databases: Databases, smtp_server: SlowSmtpServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KillableSystem]:
    """Runs all of egpay, on connections and a broker of its own that a test may cut."""
    folder = tmp_path_factory.mktemp("killable")
    with (
        databases.fresh() as database_url,
        killable_system(database_url, folder, SMTP_URL=smtp_server.url) as system,
    ):
        asyncio.run(shorten(system.broker.url, WAITS))
        yield system


@pytest.fixture
def killable(shared_killable: KillableSystem) -> Iterator[KillableSystem]:
    """The shared system; restarts what the test killed and left dead for the next test."""
    yield shared_killable
    shared_killable.restore()

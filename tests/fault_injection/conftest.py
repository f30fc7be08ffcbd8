"""One system for the tests that kill: each leaves it whole again."""

import asyncio
from collections.abc import Iterator

import pytest
from consumers import shorten
from killable_system import MortalSystem, mortal_system
from slow_smtp_server import SlowPostOffice, slow_post_office

from egpay_local.backing.databases import Databases

WAITS = {"reactions": 2.0, "effects-mail": 4.0}
"""Seconds that the broker waits for an answer, instead of 10 and 60."""


@pytest.fixture(scope="session")
def post_office() -> Iterator[SlowPostOffice]:
    """Where the mail of the mortal system goes."""
    with slow_post_office() as office:
        yield office


@pytest.fixture(scope="session")
def mortal_for_all(
    databases: Databases, post_office: SlowPostOffice, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MortalSystem]:
    """All of egpay, on roads of its own."""
    folder = tmp_path_factory.mktemp("mortal")
    with (
        databases.fresh() as database_url,
        mortal_system(database_url, folder, SMTP_URL=post_office.url) as system,
    ):
        asyncio.run(shorten(system.broker.url, WAITS))
        yield system


@pytest.fixture
def mortal(mortal_for_all: MortalSystem) -> Iterator[MortalSystem]:
    """The shared system; what the test killed and left dead is running again for the next test."""
    yield mortal_for_all
    mortal_for_all.restore()

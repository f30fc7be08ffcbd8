"""Browser fixtures: one Chromium and one running system for all tests, and a visitor of its own for each."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from chromium import find_chromium, launch_flags, reason_left_out
from egpay_system import EgpaySystem, running_system

from egpay_local import backing as backings
from egpay_local.backing.databases import Databases

collect_ignore_glob = ["test_*.py"] if reason_left_out() else []

if not collect_ignore_glob:
    from playwright.async_api import Browser, async_playwright
    from visitor import Visitor, visiting

    @pytest_asyncio.fixture(scope="session", loop_scope="session")
    async def chromium() -> AsyncIterator[Browser]:
        """Starts the browser once; a test's cookies and storage are its context's own."""
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=find_chromium(), args=launch_flags())
            yield browser
            await browser.close()

    @pytest_asyncio.fixture(loop_scope="session")
    async def visitor(chromium: Browser, egpay: EgpaySystem) -> AsyncIterator[Visitor]:
        """A person at a desk, who reads English and types on a keyboard."""
        async with visiting(chromium, egpay) as visitor:
            yield visitor


@pytest.fixture(scope="session")
def egpay(
    databases: Databases, backing: backings.Backing, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EgpaySystem]:
    """Runs all of egpay with its store, shared: every test brings a buyer of its own."""
    folder = tmp_path_factory.mktemp("store")
    with (
        databases.fresh() as database_url,
        backing.clean_nats(folder / "nats") as nats_url,
        running_system(database_url, nats_url, folder) as system,
    ):
        yield system

"""Browser fixtures: one Chromium for all tests, and visitors with a context of their own for each."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from chromium import find_chromium, launch_flags, reason_left_out
from egpay_system import EgpaySystem

collect_ignore_glob = ["*test_*.py"] if reason_left_out() else []

if not collect_ignore_glob:
    pytest.register_assert_rewrite("page_checks", "visitor")
    from playwright.async_api import Browser, async_playwright
    from visitor import Visitor, Visits

    @pytest_asyncio.fixture(scope="session", loop_scope="session")
    async def chromium() -> AsyncIterator[Browser]:
        """Starts the browser once; a test's cookies and storage are its context's own."""
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=find_chromium(), args=launch_flags())
            yield browser
            await browser.close()

    @pytest_asyncio.fixture(loop_scope="session")
    async def visits(chromium: Browser, egpay: EgpaySystem) -> AsyncIterator[Visits]:
        """Brings people with another language or screen, or more than one."""
        async with Visits(chromium, egpay) as visits:
            yield visits

    @pytest_asyncio.fixture(loop_scope="session")
    async def visitor(visits: Visits) -> Visitor:
        """A person at a desk, who reads English."""
        return await visits()

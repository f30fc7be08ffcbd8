"""Page checks: what every page of every test must be, whatever the test is about."""

import asyncio
import re
from dataclasses import dataclass, field

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, WebError

_REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (4\d\d)")
_LOOKS = """() => [document.documentElement.outerHTML.replace(/[\\w+-]*\\d[\\w+-]*/g, ""), innerWidth,
    matchMedia("(prefers-color-scheme: dark)").matches].join()"""
"""Markup without what differs from order to order, such as ids, tokens and amounts, and on which screen it is seen."""
_WIDER = """() => document.documentElement.scrollWidth > innerWidth && [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > innerWidth).map((one) => one.outerHTML.slice(0, 120))"""
AXE = Axe()
OPTIONS = {"resultTypes": ["violations"], "iframes": False}
"""A letter's frame in the mailbox runs no script and would note a message of axe as an error; letters are seen alone."""
_sound: set[str] = set()
"""Looks that axe found no fault in: half a second each, so that none is examined twice."""


@dataclass
class ContextLog:
    """Notes of one browser context: errors in its consoles, refused requests, requests of other origins.

    Without slots, because Playwright stores the wrapped handlers on the object that they are methods of.
    """

    origins: tuple[str, ...]
    errors: list[str] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def listen(self, context: BrowserContext) -> None:
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)
        context.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if refused := _REFUSED.match(message.text):
            # The browser's own line about a request that was refused: a test says which ones it expects.
            self.refused.append((int(refused[1]), message.location.get("url", "")))
        elif message.type in {"error", "warning"}:
            self.errors.append(f"{message.location.get('url')}: {message.text}")

    def _on_error(self, fault: WebError) -> None:
        self.errors.append(str(fault.error))

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((*self.origins, "data:", "blob:", "about:")):
            self.elsewhere.append(request.url)

    def check(self, refusals: frozenset[int]) -> None:
        """Fails unless these statuses, and no other, were answered, and all else was quiet."""
        assert (self.errors, self.elsewhere) == ([], [])
        assert {status for status, _ in self.refused} == refusals, self.refused


async def check_page(page: Page) -> None:
    """Fails on a violation of axe's rules, and on a page that is wider than the screen."""
    async with asyncio.timeout(60):  # a page that allows no script would never answer
        await _check(page)


async def _check(page: Page) -> None:
    assert await page.evaluate(_WIDER) in (False, []), page.url
    looks = await page.evaluate(_LOOKS)
    if looks in _sound:
        return
    found = (await AXE.run(page, options=OPTIONS)).response["violations"]
    faults = [(one["id"], one["help"], [node["html"] for node in one["nodes"]]) for one in found]
    assert faults == [], page.url
    _sound.add(looks)

"""Gallery: pictures of a page on a phone and on a desk, by day and by night, and what is wrong with each of them."""

from dataclasses import dataclass, field
from pathlib import Path

from page_checks import AXE
from playwright.async_api import Browser, Page

from egpay_local.paths import CHECKOUT

FOLDER = CHECKOUT / "build" / "screens"
NARROWEST = 320
WIDTHS = (360, 1280)
SCHEMES = ("light", "dark")
_EXAMINED = ((360, "light"), (1280, "dark"))
"""Where axe looks: each size and each scheme once."""
FAST = 300
"""Milliseconds within which a page of the store shows something on loopback."""
TRIES = 7
_FIRST_PAINT = """() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime"""
_HEIGHT = "document.documentElement.scrollHeight"
"""As high as the page, so that what floats at the lower edge of a screen lies where it comes to rest."""
_OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


@dataclass
class Gallery:
    """Takes the pictures; `faults` is what axe and the edges of the screen found, `paints` milliseconds by page."""

    folder: Path
    pictures: int = 0
    pages: int = 0
    faults: list[str] = field(default_factory=list)
    paints: dict[str, list[float]] = field(default_factory=dict)

    async def take(self, page: Page, name: str) -> None:
        """Writes the page that is open, in every size and light, and leaves it as on a desk by day."""
        self.pages += 1
        for width in WIDTHS:
            for scheme in SCHEMES:
                await _look(page, width, scheme)
                await _look(page, width, scheme, height=await page.evaluate(_HEIGHT))
                await page.screenshot(path=self.folder / f"{name}-{width}-{scheme}.png", full_page=True)
                self.pictures += 1
                if (width, scheme) in _EXAMINED:
                    await self._measure(page, f"{name} {width}")
                    await self._examine(page, f"{name} {width} {scheme}")
        await _look(page, NARROWEST, "light")
        await self._measure(page, f"{name} {NARROWEST}")
        await _look(page, WIDTHS[-1], "light")

    async def print_out(self, page: Page, name: str) -> None:
        """Writes the page as paper."""
        await page.pdf(path=self.folder / f"{name}.pdf", format="A4")

    async def time(self, browser: Browser, url: str, name: str) -> None:
        """Measures the first contentful paint of visitors who have nothing of the page yet."""
        paints = self.paints.setdefault(name, [])
        for _ in range(TRIES):
            context = await browser.new_context(locale="en-GB")
            page = await context.new_page()
            await page.goto(url, wait_until="networkidle")
            paints.append(await page.evaluate(_FIRST_PAINT))
            await context.close()

    async def _examine(self, page: Page, name: str) -> None:
        for fault in (await AXE.run(page)).response["violations"]:
            places = [node["html"][:120] for node in fault["nodes"]]
            self.faults.append(f"{name}: {fault['id']}: {places}")

    async def _measure(self, page: Page, name: str) -> None:
        if (over := await page.evaluate(_OVERFLOW)) > 0:
            self.faults.append(f"{name}: {over} px wider than the screen")

    def lines(self) -> list[str]:
        """What the run has to report."""
        painted = ", ".join(
            f"{name} {sorted(paints)[len(paints) // 2]:.0f} ms" for name, paints in self.paints.items()
        )
        return [
            f"{self.pages} pages and letters in {self.pictures} pictures: {self.folder}",
            f"first contentful paint on loopback, median of {TRIES}: {painted}",
            *self.faults,
        ]


async def _look(page: Page, width: int, scheme: str, height: int = 0) -> None:
    await page.set_viewport_size({"width": width, "height": max(height, 800)})
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")

"""Visitor: a person in the store, who sees what a browser shows, and whose every page is checked on the way."""

import contextlib
import re
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from axe_playwright_python.async_playwright import Axe
from egpay_system import EgpaySystem, until
from playwright.async_api import Browser, BrowserContext, Page, expect

SLOW = 20_000
"""Milliseconds that a page may take to show what a webhook, a worker or a warehouse has to bring about."""


@dataclass(slots=True)
class Visitor:
    """One browser context with its page; `said` is what the console said, `elsewhere` what was asked of other hosts."""

    egpay: EgpaySystem
    context: BrowserContext
    page: Page
    email: str
    said: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    async def open_store(self, path: str = "/") -> None:
        await self.page.goto(self.egpay.api + path)

    async def fill_cart(self, *, devices: int = 3, plan: str | None = "EG Monitoring, monthly") -> None:
        more = self.page.get_by_role("button", name="One more: Quantity of EG Sensor")
        for _ in range(devices):
            await more.click()
        if plan:
            await self.page.get_by_role("radio", name=plan).check()

    async def say_who(self, *, ships: bool = True) -> None:
        await self.page.get_by_label("Organisation").fill("Harbour Cycling Club")
        await self.page.get_by_label("Administrator\u2019s name").fill("Orla Byrne")
        await self.page.get_by_label("Administrator\u2019s e-mail").fill(self.email)
        if ships:
            await self.page.get_by_label("Country").select_option("DE")
            await self.page.get_by_label("Street and number").fill("Hafenstraße 12")
            await self.page.get_by_label("Postal code").fill("26133")
            await self.page.get_by_label("City").fill("Oldenburg")

    async def send(self) -> None:
        await self.page.get_by_role("button", name="Continue to payment").click()

    async def order(self, *, devices: int = 3, plan: str | None = "EG Monitoring, monthly") -> None:
        """Goes through the store to the payment page."""
        await self.open_store()
        await self.fill_cart(devices=devices, plan=plan)
        await self.say_who(ships=devices > 0)
        await self.send()
        await expect(self.page.get_by_role("heading", name="Checkout")).to_be_visible()

    async def pay(self, button: str = "Pay") -> None:
        email = self.page.get_by_label("E-mail", exact=True)
        if await email.is_editable():
            await email.fill("accounts@harbour.example")
        await self.page.get_by_role("button", name=button, exact=True).click()

    async def sees_head(self, words: str) -> None:
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(words, timeout=SLOW)

    async def sees_step(self, words: str) -> None:
        await expect(self.page.locator(".steps")).to_contain_text(words, timeout=SLOW)

    def act(self, route: str, **params: object) -> None:
        """Makes something happen at Stripe or at the warehouse."""
        self.egpay.browser.post(f"{self.egpay.sandbox}/sandbox/{route}", json=params).raise_for_status()

    def session(self) -> str:
        """The Checkout Session of the payment page that is open."""
        found = re.search(r"/c/pay/(\w+)", self.page.url)
        assert found, self.page.url
        return found[1]

    def sale(self) -> str:
        """The sale of the status page that is open."""
        found = re.search(r"sale=(sale_\w+)", self.page.url)
        assert found, self.page.url
        return found[1]

    def link(self, kind: str, pattern: str) -> str:
        """The link of the newest letter of a kind."""
        [*_, letter] = until(lambda: self.egpay.letters(self.email, kind), what=f"no letter {kind}")
        found = re.search(pattern, letter["text"])
        assert found, letter["text"]
        return found[0]

    async def is_sound(self) -> None:
        """No violation of axe's rules, no scrolling sideways, a quiet console, nothing asked of elsewhere."""
        found = (await Axe().run(self.page)).response["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
        assert await self.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        assert (self.said, self.elsewhere) == ([], [])


@contextlib.asynccontextmanager
async def visiting(
    browser: Browser,
    egpay: EgpaySystem,
    *,
    locale: str = "en-GB",
    width: int = 1280,
    dark: bool = False,
) -> AsyncIterator[Visitor]:
    """Brings a person with a context of its own; the pages' policy is lifted for axe's script alone."""
    context = await browser.new_context(
        locale=locale,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        bypass_csp=False,
    )
    page = await context.new_page()
    visitor = Visitor(egpay, context, page, f"orla+{secrets.token_hex(4)}@harbour.example")
    ours = (egpay.api, egpay.sandbox)
    page.on("console", lambda message: visitor.said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: visitor.said.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith(ours) else visitor.elsewhere.append(request.url),
    )
    yield visitor
    await context.close()

"""Visitor: a person in the store, who sees what a browser shows; every page on the way is checked."""

import asyncio
import contextlib
import dataclasses
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from egpay_system import DEADLINE, EgpaySystem
from page_checks import ContextLog, check_page
from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

import egpay_storefront

PATIENCE = 60_000
"""Milliseconds for what a webhook, a worker or a warehouse brings about: it ends what hangs, and says no speed."""
expect.set_options(timeout=PATIENCE)
SITE = Path(egpay_storefront.__file__).parent / egpay_storefront.FOLDER


@dataclasses.dataclass(slots=True)
class Visitor:
    """One browser context with its page, and the buyer's own e-mail address."""

    egpay: EgpaySystem
    context: BrowserContext
    page: Page
    email: str
    log: ContextLog
    store: str
    texts: Mapping[str, str]
    """The store's words in the language of this browser."""
    refusals: frozenset[int] = frozenset()
    """Statuses that the test makes the server answer."""

    def expect_refusals(self, *statuses: int) -> None:
        self.refusals = frozenset(statuses)

    async def open_store(self, path: str = "/") -> None:
        await self.page.goto(self.store + path)

    async def fill_cart(self, *, devices: int = 3, plan: str | None = "EG Monitoring, monthly") -> None:
        quantity = self.texts["quantity"].format(name="EG Sensor")
        more = self.page.get_by_role("button", name=self.texts["more"].format(label=quantity))
        for _ in range(devices):
            await more.click()
        if plan:
            await self.page.get_by_role("radio", name=plan).check()

    async def say_who(self, *, ships: bool = True) -> None:
        await self.field(self.texts["organisation"]).fill("Harbour Cycling Club")
        await self.field(self.texts["name"]).fill("Orla Byrne")
        await self.field(self.texts["email"]).fill(self.email)
        if ships:
            await self.page.get_by_label(self.texts["country"]).select_option("DE")
            await self.field(self.texts["part.line1"]).fill("Hafenstraße 12")
            await self.field(self.texts["part.postal_code"]).fill("26133")
            await self.field(self.texts["part.city"]).fill("Oldenburg")

    def field(self, label: str) -> Locator:
        return self.page.get_by_role("textbox", name=label)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    async def send(self) -> None:
        await self.button(self.texts["send"]).click()

    async def order(self, *, devices: int = 3, plan: str | None = "EG Monitoring, monthly") -> None:
        """Goes through the store to the payment page."""
        await self.open_store()
        await self.fill_cart(devices=devices, plan=plan)
        await self.say_who(ships=devices > 0)
        await check_page(self.page)
        await self.send()
        await self.sees_payment_page()

    async def sees_payment_page(self) -> None:
        await expect(self.page.get_by_role("heading", level=1, name="Checkout")).to_be_visible()
        await check_page(self.page)

    async def pay(self, button: str = "Pay") -> None:
        email = self.page.locator("#email")
        if await email.is_editable():
            await email.fill("accounts@harbour.example")
        await self.button(button).click()

    async def sees_head(self, words: str) -> None:
        await expect(self.page.get_by_role("heading", level=1)).to_have_text(words)
        await check_page(self.page)

    async def sees_step(self, words: str) -> None:
        await expect(self.page.get_by_role("main").get_by_role("list").first).to_contain_text(words)
        await check_page(self.page)

    def act(self, route: str, **params: object) -> None:
        """Makes something happen at Stripe or at the warehouse."""
        self.egpay.browser.post(f"{self.egpay.sandbox}/sandbox/{route}", json=params).raise_for_status()

    def session(self) -> str:
        """Returns the Checkout Session of the payment page that is open."""
        return _part_of(self.page.url, r"/c/pay/(\w+)")

    def sale(self) -> str:
        """Returns the sale of the order page that is open."""
        return _part_of(self.page.url, r"sale=(sale_\w+)")

    async def sales(self) -> Sequence[str]:
        """Lists the sales of this buyer, the oldest first."""
        found = await self.egpay.ask("SELECT id FROM sales WHERE email = $1 ORDER BY created_at", self.email)
        return [str(sale["id"]) for sale in found]

    async def letter(self, kind: str) -> dict[str, Any]:
        """Waits for a letter of a kind, and looks at it as a mail program shows it."""
        await until(lambda: self.egpay.letters(self.email, kind), what=f"no letter {kind}")
        letter = self.egpay.letters(self.email, kind)[0]
        program = await self.context.new_page()
        await program.set_content(letter["html"])
        await check_page(program)
        await program.close()
        return letter

    async def link(self, pattern: str, *, number: int = 1) -> str:
        """Waits for that many letters with such a link; returns the newest one's."""
        await until(lambda: len(self._links(pattern)) >= number, what=f"no letter with {pattern}")
        return self._links(pattern)[0]

    def _links(self, pattern: str) -> list[str]:
        letters = self.egpay.browser.get(
            f"{self.egpay.sandbox}/mailbox/api/messages", params={"to": self.email}
        )
        return [found[0] for letter in letters.json() if (found := re.search(pattern, letter["text"]))]

    async def another_tab(self) -> "Visitor":
        """Opens a second tab of the same person; what is not allowed is noted for the first."""
        return dataclasses.replace(self, page=await self.context.new_page())


def _part_of(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    assert found, text
    return found[1]


async def until(look: Callable[[], object], *, what: str) -> None:
    """Polls until the answer is true; the browser goes on meanwhile."""
    end = time.monotonic() + DEADLINE
    while not look():
        assert time.monotonic() < end, what
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def visiting(
    browser: Browser,
    egpay: EgpaySystem,
    *,
    store: str = "",
    locale: str = "en-GB",
    width: int = 1280,
    dark: bool = False,
) -> AsyncIterator[Visitor]:
    """Brings a person with a context of its own, which at its end has to have been quiet."""
    context = await browser.new_context(
        locale=locale,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE)
    log = ContextLog(origins=tuple(filter(None, (egpay.api, egpay.sandbox, store))))
    log.listen(context)
    email = f"orla+{secrets.token_hex(4)}@harbour.example"
    texts = json.loads((SITE / "texts" / f"{locale[:2]}.json").read_text(encoding="utf-8"))
    visitor = Visitor(egpay, context, await context.new_page(), email, log, store or egpay.api, texts)
    yield visitor
    await context.close()
    log.check(visitor.refusals)


class Visits:
    """Brings visitors, one browser context each, and looks at its end whether all was quiet."""

    def __init__(self, browser: Browser, egpay: EgpaySystem) -> None:
        self._browser, self._egpay, self._stack = browser, egpay, contextlib.AsyncExitStack()

    async def __call__(self, egpay: EgpaySystem | None = None, **how: Any) -> Visitor:
        visit = visiting(self._browser, egpay or self._egpay, **how)
        return await self._stack.enter_async_context(visit)

    async def __aenter__(self) -> "Visits":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

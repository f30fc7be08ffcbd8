"""What is wrong stands beside its field and in a list that has the focus, in the buyer's language."""

import re

import pytest
from playwright.async_api import Browser, Page, expect
from visitor import Visitor, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def faults(page: Page) -> list[str]:
    await expect(page.get_by_role("alert")).to_be_focused()
    return list(await page.get_by_role("alert").get_by_role("listitem").all_inner_texts())


async def test_an_empty_form_names_all_that_is_needed(visitor: Visitor) -> None:
    await visitor.open_store()
    await visitor.send()
    assert await faults(visitor.page) == [
        "Choose a device or a subscription first.",
        "Organisation: this is needed.",
        "Administrator\u2019s name: this is needed.",
        "Administrator\u2019s e-mail: this is needed.",
    ]
    await visitor.is_sound()


@pytest.mark.parametrize(
    ("label", "typed", "words"),
    [
        ("Administrator\u2019s e-mail", "orla@localhost", "This is not an e-mail address that can receive mail."),
        ("E-mail for invoices", "x@y..z", "This is not an e-mail address that invoices can be sent to."),
        ("Organisation", "https://x.example", "Organisation: write its name in one line, without a web address."),
        ("Administrator\u2019s name", "see http://x.example", "Name: write it in one line, without a web address."),
        ("Postal code", "1", "This postal code does not fit the address. It is written like 26133."),
        ("Telephone", "call me", "Telephone: digits, blanks and + ( ) / - only, at most 20."),
        ("Quantity of EG Sensor", "1001", "Quantity: a whole number up to 1000."),
        ("City", "  ", "City: this is needed."),
    ],
)  # fmt: skip
async def test_a_fault_stands_beside_its_field(visitor: Visitor, label: str, typed: str, words: str) -> None:
    await visitor.open_store()
    await visitor.fill_cart(devices=1, plan=None)
    await visitor.say_who()
    one = visitor.page.get_by_role("spinbutton" if "Quantity" in label else "textbox", name=label)
    await one.fill(typed)
    await visitor.send()
    assert await faults(visitor.page) == [words]
    await expect(one).to_have_accessible_description(re.compile(re.escape(words)))
    visitor.said.clear()  # the browser notes each refusal of a request in its console
    await visitor.is_sound()
    await visitor.page.get_by_role("alert").get_by_role("link").click()
    await expect(one).to_be_focused()


async def test_faults_are_told_in_german(chromium: Browser, visitor: Visitor) -> None:
    async with visiting(chromium, visitor.egpay, locale="de-DE") as other:
        await other.open_store()
        await other.page.get_by_role("button", name="Weiter zur Zahlung").click()
        assert "Organisation: Diese Angabe fehlt." in await faults(other.page)
        await other.is_sound()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("path", ["/", "/account", "/withdraw", "/invitation", "/success?sale=sale_x"])
async def test_every_page_is_sound_on_the_smallest_screen(
    chromium: Browser, visitor: Visitor, path: str, dark: bool
) -> None:
    async with visiting(chromium, visitor.egpay, width=320, dark=dark, locale="de-DE") as other:
        await other.open_store(path)
        await expect(other.page.get_by_role("heading", level=1)).to_be_visible()
        if "sale_x" in path:
            other.said.clear()  # the browser notes a sale that is not found in its console
        await other.is_sound()

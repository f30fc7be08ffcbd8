"""Screens: every page in German, in the dark and on the smallest screens, and every letter."""

import re
from pathlib import Path

import pytest
from egpay_system import EgpaySystem
from page_checks import check_page
from playwright.async_api import expect
from visitor import Visitor, Visits

from egpay.adapters.smtp.letter_samples import WRITTEN, sample_letters
from egpay.adapters.smtp.letter_values import LetterLinks, Seller
from egpay.adapters.smtp.letters import JinjaEmailTemplates

pytestmark = pytest.mark.asyncio(loop_scope="session")
STORE = ("/", "/account", "/withdraw", "/invitation", "/docs")
SANDBOX = ("/", "/deliveries", "/mailbox", "/warehouse", "/product", "/c/pay/cs_x", "/p/session/x")
SCREENS = [(320, True), (360, False)]


async def test_a_german_buys_in_the_dark_on_the_smallest_screen(visits: Visits) -> None:
    visitor = await visits(locale="de-DE", width=320, dark=True)
    texts = visitor.texts
    await visitor.open_store()
    await visitor.button(texts["send"]).click()
    await expect(visitor.page.get_by_role("alert")).to_contain_text("Organisation: Diese Angabe fehlt.")
    await check_page(visitor.page)
    await visitor.order()
    await visitor.pay()
    await visitor.sees_head("Vielen Dank für Ihre Bestellung")
    await visitor.sees_step(texts["step.open"])
    await visitor.sees_step(texts["parcel.shipped"])
    await visitor.page.get_by_role("main").get_by_role("link", name=texts["withdraw.link"]).click()
    await visitor.sees_head(texts["withdraw"])
    for kind in ("confirmation", "shipped"):
        await visitor.letter(kind)
    assert "Guten Tag" in (await visitor.letter("introduction"))["text"]
    await visitor.page.goto(await visitor.link(r"http\S+/invitation#token=[\w-]+"))
    await visitor.button(texts["invitation.enter"]).click()
    await visitor.sees_head(texts["invitation.open"])


@pytest.mark.parametrize(("width", "dark"), SCREENS)
async def test_every_page_of_the_store_fits_a_small_screen(visits: Visits, width: int, dark: bool) -> None:
    visitor = await visits(width=width, dark=dark)
    for path in STORE:
        await visitor.page.goto(visitor.egpay.api + path)
        await expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
        await check_page(visitor.page)


async def test_an_order_that_is_not_known_is_said_to_be_so(visits: Visits) -> None:
    visitor = await visits(width=320)
    visitor.expect_refusals(404)
    await visitor.open_store("/success?sale=sale_x")
    await visitor.sees_head("We do not know this order")


@pytest.mark.parametrize(("width", "dark"), SCREENS)
async def test_every_page_of_the_sandbox_fits_a_small_screen(
    visits: Visits, other_egpay: EgpaySystem, static_host: tuple[Path, str], width: int, dark: bool
) -> None:
    visitor = await visits(other_egpay, store=static_host[1], width=width, dark=dark)
    await visitor.order()
    await visitor.pay()
    await visitor.sees_step("Parcel is on its way")
    letter = await visitor.letter("introduction")
    visitor.expect_refusals(404)  # of the payment page and the portal that do not exist
    for path in (*SANDBOX, f"/mailbox/{letter['id']}"):
        await visitor.page.goto(visitor.egpay.sandbox + path)
        await expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
        await check_page(visitor.page)


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("de", True)])
async def test_every_letter_is_sound_on_the_smallest_screen(
    visits: Visits, language: str, dark: bool
) -> None:
    visitor = await visits(width=320, dark=dark)
    templates = JinjaEmailTemplates(
        LetterLinks(storefront_url=visitor.egpay.api, public_url=visitor.egpay.api),
        Seller(name="EG", email="hello@eg.example", address="Hafenstraße 1, 26133 Oldenburg"),
    )
    for letters in sample_letters(language).values():
        for letter in letters:
            await visitor.page.set_content(
                templates.render(letter, message_id="sample@eg.example", date=WRITTEN).html
            )
            await check_page(visitor.page)


async def test_the_description_of_the_api_is_tried_on_its_page(visitor: Visitor) -> None:
    await visitor.page.goto(f"{visitor.egpay.api}/docs#createCheckoutSession")
    route = visitor.page.locator("#createCheckoutSession")
    body = route.get_by_role("textbox").last
    await expect(body).to_have_value(re.compile("orla@harbour.example"))
    await body.fill((await body.input_value()).replace("orla@harbour.example", visitor.email))
    await route.get_by_role("button", name="Send").click()
    await expect(route.get_by_text("201 Created")).to_be_visible()
    await check_page(visitor.page)
    assert len(await visitor.sales()) == 1

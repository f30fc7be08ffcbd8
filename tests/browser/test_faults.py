"""Faults in the form: each stands beside its field and in a list that has the focus, in the buyer's words."""

import re

import pytest
from page_checks import check_page
from playwright.async_api import Locator, expect
from visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")
FAULTS = {
    "Organisation": ("https://x.example", "Organisation: write its name in one line, without a web address."),
    "Administrator\u2019s name": (
        "see http://x.example",
        "Name: write it in one line, without a web address.",
    ),
    "Administrator\u2019s e-mail": (
        "orla@localhost",
        "This is not an e-mail address that can receive mail.",
    ),
    "E-mail for invoices": (
        "accounts@localhost",
        "This is not an e-mail address that invoices can be sent to.",
    ),
    "Postal code": ("1", "This postal code does not fit the address. It is written like 26133."),
    "Telephone": ("call me", "Telephone: digits, blanks and + ( ) / - only, at most 20."),
}


async def listed_faults(visitor: Visitor) -> list[str]:
    alert = visitor.page.get_by_role("alert")
    await expect(alert).to_be_focused()
    await check_page(visitor.page)
    return list(await alert.get_by_role("listitem").all_inner_texts())


async def leads_to(visitor: Visitor, words: str, field: Locator) -> None:
    await expect(field).to_have_accessible_description(re.compile(re.escape(words)))
    await visitor.page.get_by_role("alert").get_by_role("link", name=words, exact=True).click()
    await expect(field).to_be_focused()


async def test_an_empty_form_names_all_that_is_needed(visitor: Visitor) -> None:
    await visitor.open_store()
    await visitor.send()
    assert await listed_faults(visitor) == [
        "Choose a device or a subscription first.",
        "Organisation: this is needed.",
        "Administrator\u2019s name: this is needed.",
        "Administrator\u2019s e-mail: this is needed.",
    ]
    await visitor.fill_cart(devices=1, plan=None)
    country = visitor.page.get_by_label("Country")
    await expect(country).to_have_value("GB")
    await country.select_option("")
    await visitor.send()
    assert "Country: this is needed." in await listed_faults(visitor)
    await visitor.say_who()
    for part in ("Street and number", "Postal code", "City"):
        await visitor.field(part).fill("  ")
    await visitor.send()
    assert await listed_faults(visitor) == [
        "Street and number: this is needed.",
        "Postal code: this is needed.",
        "City: this is needed.",
    ]


async def test_what_the_api_refuses_stands_beside_its_field(visitor: Visitor) -> None:
    await visitor.open_store()
    await visitor.fill_cart(devices=1, plan=None)
    await visitor.say_who()
    for label, (typed, _) in FAULTS.items():
        await visitor.field(label).fill(typed)
    visitor.expect_refusals(422)
    await visitor.send()
    assert sorted(await listed_faults(visitor)) == sorted(words for _, words in FAULTS.values())
    for label, (_, words) in FAULTS.items():
        await leads_to(visitor, words, visitor.field(label))
    await visitor.say_who()
    await visitor.field("Telephone").fill("+49 441 12345")
    await visitor.field("E-mail for invoices").fill("accounts@harbour.example")
    await expect(visitor.page.locator(".fault")).to_have_count(0)
    await visitor.send()
    await visitor.sees_payment_page()


async def test_a_quantity_or_a_number_of_people_out_of_range_is_named(visitor: Visitor) -> None:
    await visitor.open_store()
    await visitor.fill_cart(devices=1)
    await visitor.say_who()
    sensors = visitor.page.get_by_role("spinbutton", name="Quantity of EG Sensor")
    people = visitor.page.get_by_role("spinbutton", name="People who use it")
    await sensors.fill("1001")
    await people.fill("0")
    await visitor.send()
    quantity, seats = (
        "Quantity: a whole number up to 1000.",
        "People who use it: a whole number from 1 to 1000.",
    )
    assert await listed_faults(visitor) == [quantity, seats]
    await leads_to(visitor, quantity, sensors)
    await leads_to(visitor, seats, people)

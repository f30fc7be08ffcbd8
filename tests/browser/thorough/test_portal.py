"""The subscription in its owner's hands: from the store's page through the link in a letter to the portal."""

import pytest
from page_checks import check_page
from playwright.async_api import expect
from visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_plan_is_changed_and_the_subscription_ended_and_taken_back(visitor: Visitor) -> None:
    await visitor.order(devices=0)
    await visitor.pay()
    await visitor.sees_step("Your account is open")
    await visitor.open_store("/account")
    await visitor.field("Your e-mail").fill(visitor.email)
    await visitor.button("Send me the link").click()
    await visitor.page.goto(await visitor.link(r"http\S+/v1/billing-portal/sessions/[\w-]+"))
    page = visitor.page

    await page.get_by_role("link", name="Change plan").click()
    await check_page(page)
    await page.get_by_role("radio", name="EG Monitoring, yearly").check()
    await visitor.button("Continue").click()
    await check_page(page)
    await visitor.button("Confirm").click()
    subscription = page.get_by_role("article")
    await expect(subscription).to_contain_text("EG Monitoring, yearly")
    await check_page(page)

    await page.get_by_role("link", name="Cancel subscription").click()
    await check_page(page)
    await visitor.button("Cancel subscription").click()
    await expect(subscription.get_by_role("status")).to_contain_text("It will be cancelled on")
    await check_page(page)
    await visitor.letter("will_end")

    await visitor.button("Keep subscription").click()
    await expect(subscription.get_by_role("status")).to_have_count(0)
    await check_page(page)

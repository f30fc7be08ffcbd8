"""The store on another host: pages at one origin, the API at another, and nothing but `CORS_ORIGINS` between them."""

from pathlib import Path

import pytest
from egpay_system import EgpaySystem
from playwright.async_api import expect
from visitor import Visits

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_store_sells_from_another_origin(
    visits: Visits, other_egpay: EgpaySystem, static_host: tuple[Path, str]
) -> None:
    _, origin = static_host
    visitor = await visits(other_egpay, store=origin)
    await visitor.order()
    await visitor.button("Cancel").click()
    await expect(visitor.page.get_by_role("heading", name="Your order is as you left it")).to_be_visible()
    await visitor.send()
    await visitor.sees_payment_page()
    await visitor.pay()
    await visitor.sees_step("Your account is open")
    await visitor.sees_step("Parcel is on its way")
    assert visitor.page.url.startswith(f"{origin}/success?")
    await visitor.letter("introduction")
    await visitor.page.goto(await visitor.link(r"http\S+/invitation#token=[\w-]+"))
    await visitor.button("Open the account").click()
    assert visitor.page.url == f"{origin}/invitation"
    await visitor.sees_head("You are in")

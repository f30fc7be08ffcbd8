"""The store on another host: pages at one origin, the API at another, and nothing but `CORS_ORIGINS` between them."""

from pathlib import Path

import pytest
from egpay_system import EgpaySystem
from page_checks import check_page
from playwright.async_api import expect
from visitor import Visits

pytestmark = pytest.mark.asyncio(loop_scope="session")


def offer_all_for_nothing(egpay: EgpaySystem, code: str) -> None:
    """Makes a promotion code of 100 % at Stripe, as a person does in the dashboard."""
    headers = {"authorization": f"Bearer {egpay.env['STRIPE_SECRET_KEY']}"}
    coupon = egpay.browser.post(
        f"{egpay.sandbox}/v1/coupons", data={"percent_off": "100", "duration": "once"}, headers=headers
    )
    promotion = {"promotion[type]": "coupon", "promotion[coupon]": coupon.json()["id"], "code": code}
    answer = egpay.browser.post(f"{egpay.sandbox}/v1/promotion_codes", data=promotion, headers=headers)
    answer.raise_for_status()


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
    assert visitor.page.url == f"{origin}/invitation"
    await visitor.button("Open the account").click()
    await visitor.sees_head("You are in")


async def test_what_a_promotion_code_pays_for_ships_and_is_shown_in_parts(
    visits: Visits, other_egpay: EgpaySystem, static_host: tuple[Path, str]
) -> None:
    offer_all_for_nothing(other_egpay, "FREE100")
    visitor = await visits(other_egpay, store=static_host[1])
    await visitor.order()
    await visitor.page.get_by_label("Promotion code").fill("FREE100")
    await visitor.button("Apply").click()
    await expect(visitor.page.get_by_text("Discount")).to_be_visible()
    await check_page(visitor.page)
    await visitor.pay("Complete order")
    await visitor.sees_head("Thank you for your order")
    await visitor.sees_step("Your account is open")
    await visitor.sees_step("Parcel is on its way")
    sums = visitor.page.get_by_role("table")
    await expect(sums.get_by_role("row", name="Discount")).to_contain_text("166.00")
    await expect(sums.get_by_role("row", name="Total")).to_contain_text("€0.00")

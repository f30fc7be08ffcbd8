"""Later: a promotion code, two tabs, an expired page, a withdrawal, and an invitation that is too old."""

import secrets

import pytest
from egpay_system import EgpaySystem
from page_checks import check_page
from playwright.async_api import expect
from visitor import Visitor, Visits

pytestmark = pytest.mark.asyncio(loop_scope="session")
INVITATION = r"http\S+/invitation#token=[\w-]+"


def offer_all_for_nothing(egpay: EgpaySystem, code: str) -> None:
    """Makes a promotion code of 100 % at Stripe, as a person does in the dashboard."""
    headers = {"authorization": f"Bearer {egpay.env['STRIPE_SECRET_KEY']}"}
    coupon = egpay.browser.post(
        f"{egpay.sandbox}/v1/coupons", data={"percent_off": "100", "duration": "once"}, headers=headers
    )
    promotion = {"promotion[type]": "coupon", "promotion[coupon]": coupon.json()["id"], "code": code}
    answer = egpay.browser.post(f"{egpay.sandbox}/v1/promotion_codes", data=promotion, headers=headers)
    answer.raise_for_status()


async def test_what_a_promotion_code_pays_for_ships_and_is_shown_in_parts(
    visitor: Visitor,
) -> None:
    code = f"FREE{secrets.token_hex(3).upper()}"
    offer_all_for_nothing(visitor.egpay, code)
    await visitor.order()
    await visitor.page.get_by_label("Promotion code").fill(code)
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


async def test_the_same_order_in_two_tabs_is_one(visits: Visits) -> None:
    first = await visits()
    await first.order(devices=2, plan=None)
    second = await first.another_tab()
    await second.order(devices=2, plan=None)
    assert second.session() == first.session()
    await second.pay()
    await second.sees_step("Paid")
    first.expect_refusals(410)
    await first.pay()
    await expect(first.page.get_by_text("already been paid")).to_be_visible()
    assert len(await first.sales()) == 1


async def test_another_order_in_a_second_tab_is_another(visits: Visits) -> None:
    first = await visits()
    await first.order(devices=1, plan=None)
    second = await first.another_tab()
    await second.order(devices=2, plan=None)
    await first.pay()
    await first.sees_step("Paid")
    await second.pay()
    await second.sees_step("Paid")
    assert sorted(await first.sales()) == sorted((first.sale(), second.sale()))


async def test_a_page_that_expired_is_opened_again_by_one_click(visitor: Visitor) -> None:
    await visitor.order(devices=1, plan=None)
    session = visitor.session()
    [sale] = await visitor.sales()
    visitor.act(f"sessions/{session}/expire")
    await visitor.open_store(f"/success?sale={sale}")
    await visitor.sees_head("The payment page has expired")
    await visitor.page.get_by_role("link", name="Order again").click()
    await visitor.sees_payment_page()
    assert visitor.session() != session
    await visitor.pay()
    await visitor.sees_head("Thank you for your order")
    await visitor.sees_step("Paid")


async def test_a_consumer_withdraws_in_two_steps_and_has_it_in_writing(visitor: Visitor) -> None:
    await visitor.order(devices=2, plan=None)
    await visitor.pay()
    await visitor.sees_step("Paid")
    sale = visitor.sale()
    await visitor.page.get_by_role("main").get_by_role("link", name="Withdraw from contract here").click()
    await visitor.sees_head("Withdraw from contract")
    await expect(visitor.field("Order number")).to_have_value(sale)
    await visitor.button("Confirm withdrawal").click()
    await expect(visitor.page.get_by_role("alert")).to_contain_text("Your name: this is needed.")
    await check_page(visitor.page)
    await visitor.field("Your name").fill("Orla Byrne")
    await visitor.field("Your e-mail").fill(visitor.email)
    await visitor.field("If you withdraw from a part: which?").fill("one of the two sensors")
    await visitor.button("Confirm withdrawal").click()
    await visitor.sees_head("Your withdrawal is declared")
    letter = await visitor.letter("withdrawal_received")
    assert (sale in letter["text"], "one of the two sensors" in letter["text"]) == (True, True)
    cases = await visitor.egpay.ask("SELECT closed_at, kind FROM cases WHERE sale_id = $1", sale)
    assert [(case["kind"], case["closed_at"]) for case in cases] == [("withdrawal", None)]


async def test_an_invitation_that_is_too_old_is_renewed_and_then_redeemed_once(visitor: Visitor) -> None:
    await visitor.order(devices=0)
    await visitor.pay()
    await visitor.sees_step("Your account is open")
    await visitor.letter("introduction")
    await visitor.egpay.ask(
        "UPDATE invitations SET expires_at = now() - interval '1 day'"
        " WHERE user_id = (SELECT id FROM users WHERE email = $1)",
        visitor.email,
    )
    visitor.expect_refusals(410)
    await visitor.page.goto(await visitor.link(INVITATION))
    await visitor.button("Open the account").click()
    await visitor.sees_head("This link does not work any more")
    await visitor.button("Send a new link").click()
    await visitor.sees_head("Please look into your mailbox")
    newest = await visitor.link(INVITATION, number=2)
    await visitor.page.goto(newest)  # in the same tab, where only the fragment differs
    await visitor.button("Open the account").click()
    await visitor.sees_head("You are in")
    await visitor.page.goto(newest)
    await visitor.button("Open the account").click()
    await visitor.sees_head("This link was used")

"""A stranger buys, and reads on the store's own pages what becomes of the order."""

import pytest
from page_checks import check_page
from playwright.async_api import expect
from visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_devices_and_a_subscription_are_bought_followed_to_the_door_and_entered(
    visitor: Visitor,
) -> None:
    await visitor.order()
    await visitor.pay()
    await visitor.sees_head("Thank you for your order")
    await visitor.sees_step("Your account is open")
    await visitor.sees_step("Parcel is on its way")
    await expect(visitor.page.get_by_role("link", name="Track the parcel")).to_be_visible()
    visitor.act(f"orders/{visitor.sale()}/deliver")
    await visitor.sees_step("Parcel delivered")
    for kind in ("confirmation", "shipped"):
        await visitor.letter(kind)
    await visitor.letter("introduction")
    await visitor.page.goto(await visitor.link(r"http\S+/invitation#token=[\w-]+"))
    await visitor.sees_head("Your account is ready")
    assert "token" not in visitor.page.url
    await visitor.button("Open the account").click()
    await visitor.sees_head("You are in")
    await expect(visitor.page.get_by_text(visitor.email)).to_be_visible()


async def test_a_declined_card_leaves_the_order_open_for_another(visitor: Visitor) -> None:
    await visitor.order(devices=1, plan=None)
    await visitor.pay("Decline card")
    await expect(visitor.page.get_by_role("alert")).to_be_visible()
    await check_page(visitor.page)
    await visitor.pay()
    await visitor.sees_head("Thank you for your order")
    await visitor.sees_step("Paid")


async def test_a_delayed_payment_is_awaited_until_it_succeeds(visitor: Visitor) -> None:
    await visitor.order(devices=1, plan=None)
    session = visitor.session()
    await visitor.pay("Pay by bank debit (delayed)")
    await visitor.sees_step("Payment is on its way")
    visitor.act(f"sessions/{session}/settle", outcome="succeeded")
    await visitor.sees_step("Paid")


async def test_a_delayed_payment_that_fails_is_continued_as_the_same_order(visitor: Visitor) -> None:
    await visitor.order(devices=1, plan=None)
    session = visitor.session()
    await visitor.pay("Pay by bank debit (delayed)")
    await visitor.sees_step("Payment is on its way")
    sale = visitor.sale()
    visitor.act(f"sessions/{session}/settle", outcome="failed")
    await visitor.sees_head("The payment did not go through")
    await visitor.page.get_by_role("link", name="Try the payment again").click()
    await visitor.sees_payment_page()
    await visitor.pay()
    await visitor.sees_head("Thank you for your order")
    assert visitor.sale() == sale
    await visitor.sees_step("Paid")


async def test_who_comes_back_finds_the_form_as_it_was(visitor: Visitor) -> None:
    await visitor.order()
    await visitor.button("Cancel").click()
    await expect(visitor.page.get_by_role("heading", name="Your order is as you left it")).to_be_visible()
    await expect(visitor.page.get_by_role("spinbutton", name="Quantity of EG Sensor")).to_have_value("3")
    await expect(visitor.page.get_by_role("radio", name="EG Monitoring, monthly")).to_be_checked()
    await expect(visitor.field("Administrator\u2019s e-mail")).to_have_value(visitor.email)
    await expect(visitor.field("City")).to_have_value("Oldenburg")
    await check_page(visitor.page)
    await visitor.send()
    await visitor.sees_payment_page()
    session = visitor.session()
    await visitor.page.go_back()
    await expect(visitor.field("City")).to_have_value("Oldenburg")
    await visitor.send()
    await visitor.sees_payment_page()
    assert visitor.session() == session
    assert len(await visitor.sales()) == 1


async def test_a_double_click_is_one_order(visitor: Visitor) -> None:
    await visitor.open_store()
    await visitor.fill_cart(devices=1, plan=None)
    await visitor.say_who()
    await visitor.button("Continue to payment").dblclick()
    await visitor.sees_payment_page()
    assert len(await visitor.sales()) == 1


async def test_a_subscriber_is_led_to_the_subscription(visitor: Visitor) -> None:
    await visitor.order(devices=0)
    await visitor.pay()
    await visitor.sees_step("Your account is open")
    await visitor.open_store()
    await visitor.fill_cart(devices=0, plan="EG Monitoring, yearly")
    await visitor.say_who(ships=False)
    visitor.expect_refusals(409)
    await visitor.send()
    await expect(visitor.page.get_by_role("alert")).to_contain_text("has a subscription already")
    await check_page(visitor.page)
    await visitor.page.get_by_role("alert").get_by_role("link", name="My subscription").click()
    await visitor.sees_head("Manage your subscription")
    await expect(visitor.field("Your e-mail")).to_have_value(visitor.email)
    await visitor.button("Send me the link").click()
    await visitor.sees_head("Please look into your mailbox")
    await visitor.letter("portal")
    await visitor.page.goto(await visitor.link(r"http\S+/v1/billing-portal/sessions/[\w-]+"))
    assert visitor.page.url.startswith(visitor.egpay.sandbox)
    await check_page(visitor.page)


async def test_a_purchase_needs_no_mouse(visitor: Visitor) -> None:
    press, write = visitor.page.keyboard.press, visitor.page.keyboard.insert_text
    await visitor.open_store()
    await visitor.page.get_by_role("spinbutton", name="Quantity of EG Gateway").focus()
    await press("ArrowUp")
    await visitor.field("Organisation").focus()
    for text in ("Harbour Cycling Club", "Orla Byrne", visitor.email, ""):
        await write(text)
        await press("Tab")
    await visitor.page.keyboard.type("Germany")
    await expect(visitor.field("City")).to_be_visible()
    await press("Tab")
    for text in ("Hafenstraße 12", "", "26133", "Oldenburg", ""):
        await write(text)
        await press("Tab")
    await expect(visitor.button("Continue to payment")).to_be_focused()
    await press("Enter")
    await visitor.sees_payment_page()
    await visitor.page.locator("#email").focus()
    await write("accounts@harbour.example")
    await press("Enter")
    await visitor.sees_head("Thank you for your order")
    await visitor.sees_step("Paid")

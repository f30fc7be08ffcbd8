"""A stranger buys with a mouse, and reads on the store's own pages what becomes of the order."""

import pytest
from playwright.async_api import expect
from visitor import SLOW, Visitor

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
    await visitor.is_sound()
    visitor.act(f"orders/{visitor.sale()}/deliver")
    await visitor.sees_step("Parcel delivered")
    await visitor.page.goto(visitor.link("introduction", r"http\S+/invitation#token=[\w-]+"))
    assert "token" not in visitor.page.url
    await visitor.is_sound()
    await visitor.page.get_by_role("button", name="Open the account").click()
    await visitor.sees_head("You are in")
    await expect(visitor.page.get_by_text(visitor.email)).to_be_visible()
    await visitor.is_sound()


async def test_a_declined_card_leaves_the_order_open_for_another(visitor: Visitor) -> None:
    await visitor.order(devices=1, plan=None)
    await visitor.pay("Decline card")
    await expect(visitor.page.get_by_role("alert")).to_be_visible()
    await visitor.pay()
    await visitor.sees_head("Thank you for your order")


async def test_a_delayed_payment_is_awaited_until_it_succeeds(visitor: Visitor) -> None:
    await visitor.order(devices=1, plan=None)
    session = visitor.session()
    await visitor.pay("Pay by bank debit (delayed)")
    await visitor.sees_step("Payment is on its way")
    visitor.act(f"sessions/{session}/settle", outcome="succeed")
    await visitor.sees_step("Paid")


async def test_a_delayed_payment_that_fails_is_continued_as_the_same_order(visitor: Visitor) -> None:
    await visitor.order(devices=1, plan=None)
    session = visitor.session()
    await visitor.pay("Pay by bank debit (delayed)")
    await visitor.sees_step("Payment is on its way")
    sale = visitor.sale()
    visitor.act(f"sessions/{session}/settle", outcome="fail")
    await visitor.sees_head("The payment did not go through")
    await visitor.is_sound()
    await visitor.page.get_by_role("link", name="Try the payment again").click()
    await visitor.pay()
    await visitor.sees_head("Thank you for your order")
    assert visitor.sale() == sale


async def test_a_page_that_expired_is_opened_again_by_one_click(visitor: Visitor) -> None:
    await visitor.order(devices=1, plan=None)
    session = visitor.session()
    await visitor.page.get_by_role("button", name="Cancel").click()
    await expect(visitor.page.get_by_text("Your order is as you left it")).to_be_visible()
    sale = visitor.page.url.rpartition("=")[2]
    visitor.act(f"sessions/{session}/expire")
    await visitor.open_store(f"/success?sale={sale}")
    await visitor.sees_head("The payment page has expired")
    await visitor.page.get_by_role("link", name="Order again").click()
    await visitor.pay()
    await visitor.sees_head("Thank you for your order")


async def test_who_cancels_finds_the_form_as_it_was(visitor: Visitor) -> None:
    await visitor.order(devices=2)
    await visitor.page.get_by_role("button", name="Cancel").click()
    await expect(visitor.page.get_by_text("Your order is as you left it")).to_be_visible()
    await expect(visitor.page.get_by_label("Quantity of EG Sensor", exact=True)).to_have_value("2")
    await expect(visitor.page.get_by_label("City")).to_have_value("Oldenburg")
    await expect(visitor.page.get_by_role("radio", name="EG Monitoring, monthly")).to_be_checked()
    await visitor.is_sound()
    await visitor.send()
    await expect(visitor.page.get_by_role("heading", name="Checkout")).to_be_visible()


async def test_who_goes_back_finds_the_form_as_it_was(visitor: Visitor) -> None:
    await visitor.order(devices=2)
    session = visitor.session()
    await visitor.page.go_back()
    await expect(visitor.page.get_by_label("City")).to_have_value("Oldenburg", timeout=SLOW)
    await visitor.send()
    await expect(visitor.page.get_by_role("heading", name="Checkout")).to_be_visible()
    assert visitor.session() == session


async def test_a_double_click_is_one_order(visitor: Visitor) -> None:
    await visitor.open_store()
    await visitor.fill_cart(devices=1, plan=None)
    await visitor.say_who()
    await visitor.page.get_by_role("button", name="Continue to payment").dblclick()
    await expect(visitor.page.get_by_role("heading", name="Checkout")).to_be_visible()
    [row] = await visitor.egpay.ask("SELECT count(*) AS sales FROM sales WHERE email = $1", visitor.email)
    assert row["sales"] == 1


async def test_a_second_subscription_is_refused_and_the_way_to_the_first_is_shown(visitor: Visitor) -> None:
    await visitor.order(devices=0)
    await visitor.pay()
    await visitor.sees_step("Your account is open")
    await visitor.open_store()
    await visitor.fill_cart(devices=0)
    await visitor.say_who(ships=False)
    await visitor.send()
    await expect(visitor.page.get_by_role("alert")).to_contain_text("has a subscription already")
    visitor.said.clear()  # the browser notes each refusal of a request in its console
    await visitor.page.get_by_role("alert").get_by_role("link", name="My subscription").click()
    await expect(visitor.page.get_by_label("Your e-mail")).to_have_value(visitor.email)
    await visitor.page.get_by_role("button", name="Send me the link").click()
    await visitor.sees_head("Please look into your mailbox")
    await visitor.is_sound()
    await visitor.page.goto(visitor.link("portal", r"http\S+/v1/billing-portal/sessions/[\w-]+"))
    assert visitor.page.url.startswith(visitor.egpay.sandbox)


async def test_a_purchase_needs_no_mouse(visitor: Visitor) -> None:
    keyboard = visitor.page.keyboard
    await visitor.open_store()
    await visitor.page.get_by_label("Quantity of EG Gateway", exact=True).focus()
    await keyboard.type("1")
    await visitor.page.get_by_label("Organisation").focus()
    for text in ("Harbour Cycling Club", "Orla Byrne", visitor.email, ""):
        await keyboard.type(text)
        await keyboard.press("Tab")
    await keyboard.type("Germany")
    await expect(visitor.page.get_by_label("City")).to_be_visible()
    await keyboard.press("Tab")
    for text in ("Hafenstraße 12", "", "26133", "Oldenburg", ""):
        await keyboard.type(text)
        await keyboard.press("Tab")
    await expect(visitor.page.get_by_role("button", name="Continue to payment")).to_be_focused()
    await keyboard.press("Enter")
    await expect(visitor.page.get_by_role("heading", name="Checkout")).to_be_visible()

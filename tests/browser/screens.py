"""Pictures of every page and letter, from a running system and real purchases: `make screens`, to be looked at."""

import pytest
from egpay_system import EgpaySystem
from gallery import FAST, FOLDER, Gallery
from playwright.async_api import Browser, expect
from visitor import Visitor

from egpay.adapters.smtp.letter_samples import WRITTEN, sample_letters
from egpay.adapters.smtp.letter_values import LetterLinks, Seller
from egpay.adapters.smtp.letters import JinjaEmailTemplates

pytestmark = pytest.mark.asyncio(loop_scope="session")
INVITATION = r"http\S+/invitation#token=[\w-]+"
PORTAL = r"http\S+/v1/billing-portal/sessions/[\w-]+"


@pytest.fixture(scope="session")
def gallery() -> Gallery:
    """Empties the folder, so that it holds no picture of yesterday."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    return Gallery(FOLDER)


async def test_the_store_and_its_faults(visitor: Visitor, gallery: Gallery) -> None:
    await visitor.open_store()
    await expect(visitor.button("Continue to payment")).to_be_visible()
    await gallery.take(visitor.page, "store")
    await visitor.send()
    await expect(visitor.page.get_by_role("alert")).to_be_visible()
    await gallery.take(visitor.page, "store-empty")
    await visitor.fill_cart()
    await visitor.say_who()
    await gallery.take(visitor.page, "store-filled")
    await visitor.page.get_by_label("Postal code").fill("1")
    await visitor.page.get_by_label("Administrator\u2019s e-mail").fill("orla@localhost")
    visitor.expect_refusals(422)
    await visitor.send()
    await expect(visitor.page.get_by_role("alert")).to_be_focused()
    await gallery.take(visitor.page, "store-faults")


async def test_the_payment_page_and_the_way_back(visitor: Visitor, gallery: Gallery) -> None:
    await visitor.order()
    await gallery.take(visitor.page, "checkout")
    await visitor.pay("Decline card")
    await expect(visitor.page.get_by_role("alert")).to_be_visible()
    await gallery.take(visitor.page, "checkout-declined")
    await visitor.button("Cancel").click()
    await expect(visitor.page.get_by_role("heading", name="Your order is as you left it")).to_be_visible()
    await gallery.take(visitor.page, "store-cancelled")
    [sale] = await visitor.sales()
    await visitor.open_store(f"/success?sale={sale}")
    await visitor.sees_head("Looking at your payment \u2026")
    await gallery.take(visitor.page, "order-checking")
    await visitor.sees_head("Your order is waiting for payment")
    await gallery.take(visitor.page, "order-unpaid")


async def test_an_order_from_its_payment_to_the_account(visitor: Visitor, gallery: Gallery) -> None:
    page = visitor.page
    await visitor.order()
    await visitor.pay()
    await visitor.sees_step("Your account is open")
    await visitor.sees_step("Parcel is on its way")
    await gallery.take(page, "order-shipped")
    visitor.act(f"orders/{visitor.sale()}/deliver")
    await visitor.sees_step("Parcel delivered")
    await gallery.take(page, "order-delivered")
    await gallery.print_out(page, "order-delivered")
    await page.get_by_role("main").get_by_role("link", name="Withdraw from contract here").click()
    await visitor.sees_head("Withdraw from contract")
    await gallery.take(page, "withdraw")
    await visitor.button("Confirm withdrawal").click()
    await gallery.take(page, "withdraw-faults")
    await visitor.field("Your name").fill("Orla Byrne")
    await visitor.field("Your e-mail").fill(visitor.email)
    await visitor.button("Confirm withdrawal").click()
    await visitor.sees_head("Your withdrawal is declared")
    await gallery.take(page, "withdraw-declared")
    await page.goto(await visitor.link(INVITATION))
    await visitor.sees_head("Your account is ready")
    await gallery.take(page, "invitation")
    await visitor.button("Open the account").click()
    await visitor.sees_head("You are in")
    await gallery.take(page, "invitation-entered")
    await page.goto("about:blank")
    await page.goto(await visitor.link(INVITATION))
    visitor.expect_refusals(410)
    await visitor.button("Open the account").click()
    await visitor.sees_head("This link was used")
    await gallery.take(page, "invitation-used")


async def test_the_way_to_the_subscription(visitor: Visitor, gallery: Gallery) -> None:
    page = visitor.page
    await visitor.order(devices=0)
    await visitor.pay()
    await visitor.sees_step("Your account is open")
    await visitor.open_store()
    await visitor.fill_cart(devices=0, plan="EG Monitoring, yearly")
    await visitor.say_who(ships=False)
    visitor.expect_refusals(409)
    await visitor.send()
    await expect(page.get_by_role("alert")).to_contain_text("has a subscription already")
    await gallery.take(page, "store-subscribed")
    await page.get_by_role("alert").get_by_role("link", name="My subscription").click()
    await visitor.sees_head("Manage your subscription")
    await gallery.take(page, "account")
    await visitor.button("Send me the link").click()
    await visitor.sees_head("Please look into your mailbox")
    await gallery.take(page, "account-sent")
    await page.goto(await visitor.link(PORTAL))
    await gallery.take(page, "portal")
    for link in ("Change plan", "Cancel subscription"):
        if await (step := page.get_by_role("link", name=link)).count():
            await step.first.click()
            await gallery.take(page, f"portal-{link.split()[0].lower()}")
            await page.go_back()


async def test_a_late_payment_and_money_back(visitor: Visitor, gallery: Gallery) -> None:
    await visitor.order(devices=1, plan=None)
    session = visitor.session()
    await visitor.pay("Pay by bank debit (delayed)")
    await visitor.sees_step("Payment is on its way")
    await gallery.take(visitor.page, "order-pending")
    visitor.act(f"sessions/{session}/settle", outcome="failed")
    await visitor.sees_head("The payment did not go through")
    await gallery.take(visitor.page, "order-failed")
    await visitor.page.get_by_role("link", name="Try the payment again").click()
    await visitor.pay()
    await visitor.sees_step("Paid")
    truth = visitor.egpay.browser.get(f"{visitor.egpay.sandbox}/sandbox/truth").json()
    visitor.act(f"charges/{truth['charges'][-1]['id']}/refund")
    await visitor.sees_head("Your money is on its way back")
    await gallery.take(visitor.page, "order-refunded")


async def test_what_has_expired_and_what_is_not_known(visitor: Visitor, gallery: Gallery) -> None:
    page = visitor.page
    await visitor.order(devices=1, plan=None)
    visitor.act(f"sessions/{visitor.session()}/expire")
    [sale] = await visitor.sales()
    await visitor.open_store(f"/success?sale={sale}")
    await visitor.sees_head("The payment page has expired")
    await gallery.take(page, "order-expired")
    visitor.expect_refusals(404, 410)
    await visitor.open_store("/success?sale=sale_unknown")
    await visitor.sees_head("We do not know this order")
    await gallery.take(page, "order-unknown")
    await visitor.open_store("/invitation")
    await gallery.take(page, "invitation-broken")
    await page.goto("about:blank")
    await visitor.open_store("/invitation#token=unknown-token-of-a-guest")
    await visitor.button("Open the account").click()
    await visitor.sees_head("This link does not work any more")
    await gallery.take(page, "invitation-expired")
    await visitor.button("Send a new link").click()
    await visitor.sees_head("Please look into your mailbox")
    await gallery.take(page, "invitation-renewed")


async def test_the_pages_around_the_store(visitor: Visitor, gallery: Gallery) -> None:
    sandbox, page = visitor.egpay.sandbox, visitor.page
    for name in ("", "mailbox", "warehouse", "product", "deliveries"):
        await page.goto(f"{sandbox}/{name}")
        await gallery.take(page, f"sandbox-{name or 'desk'}")
    [letter, *_] = visitor.egpay.browser.get(f"{sandbox}/mailbox/api/messages").json()
    await page.goto(f"{sandbox}/mailbox/{letter['id']}")
    await gallery.take(page, "sandbox-mail")
    await page.goto(f"{visitor.egpay.api}/docs")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await gallery.take(page, "docs")


async def test_every_letter(visitor: Visitor, gallery: Gallery) -> None:
    links = LetterLinks(storefront_url="https://shop.example", public_url="https://api.example")
    seller = Seller(name="EG", email="hello@eg.example", address="Hafenstraße 1, 26122 Oldenburg")
    templates = JinjaEmailTemplates(links, seller)
    for kind, samples in sample_letters("en").items():
        for number, letter in enumerate(samples, start=1):
            html = templates.render(letter, message_id="sample@localhost", date=WRITTEN).html
            await visitor.page.set_content(html)
            await gallery.take(visitor.page, f"letter-{kind.value}-{number}")


async def test_every_picture_is_sound_and_the_store_is_fast(
    chromium: Browser, egpay: EgpaySystem, gallery: Gallery, report: list[str]
) -> None:
    for path in ("/", "/success?sale=sale_x", "/account"):
        await gallery.time(chromium, egpay.api + path, path.partition("?")[0])
    report.extend(gallery.lines())
    assert gallery.faults == []
    assert max(min(paints) for paints in gallery.paints.values()) < FAST

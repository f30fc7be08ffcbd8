"""A person finds an object by its sale, its customer and an e-mail, and reads what was sent."""

import asyncio
import smtplib
from email.message import EmailMessage

from egpay_sandbox.testing.running_sandbox import RunningSandbox


def send_letter(port: int, html: str) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "hello@eg.test", "orla@harbour.test", "Confirmed"
    letter.set_content("Thank you for your order sale_1.")
    letter.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as smtp:
        smtp.send_message(letter)


async def test_every_object_says_its_sale_its_customer_and_their_email(sandbox: RunningSandbox) -> None:
    customer = await sandbox.stripe.v1.customers.create_async({"name": "Harbour Cycling Club"})
    bought = await sandbox.buy(await sandbox.create_subscription_session(customer=customer.id))
    await sandbox.wait_until_idle()
    [charge] = sandbox.internals.account.charges
    await sandbox.post_control(f"charges/{charge.id}/dispute", amount=100)
    await sandbox.post_control(f"charges/{charge.id}/warn")
    await sandbox.post_control(f"subscriptions/{bought.subscription}/renew", outcome="failed")
    desk = (await sandbox.http.get("/")).text
    objects = desk.count("<article") - desk.count("/desk/endpoints/")
    for said in (">sale_1<", ">Harbour Cycling Club<", ">buyer@example.com<"):
        assert desk.count(said) == objects
    deliveries = (await sandbox.http.get("/deliveries")).text
    assert deliveries.count(">sale_1<") >= 8


async def test_a_letter_says_its_sale_and_opens_its_links_in_a_new_tab(sandbox: RunningSandbox) -> None:
    customer = await sandbox.stripe.v1.customers.create_async({"name": "Harbour Cycling Club"})
    await sandbox.create_session(customer=customer.id)
    html = (
        '<html><head lang="en"><title>x</title></head><body><a href="http://shop.test/">Go</a></body></html>'
    )
    await asyncio.to_thread(send_letter, sandbox.smtp_port, html)
    await asyncio.to_thread(send_letter, sandbox.smtp_port, '<a href="http://shop.test/">Go</a>')
    bare, whole = (await sandbox.http.get("/mailbox/api/messages")).json()
    mailbox = (await sandbox.http.get("/mailbox")).text
    assert (mailbox.count(">sale_1<"), mailbox.count("Harbour Cycling Club")) == (2, 2)
    assert ">sale_1<" in (await sandbox.http.get(f"/mailbox/{whole['id']}")).text
    shown = (await sandbox.http.get(f"/mailbox/{whole['id']}/html")).text
    assert '<head lang="en"><base target="_blank">' in shown
    assert (await sandbox.http.get(f"/mailbox/{bare['id']}/html")).text.startswith('<base target="_blank">')


async def test_what_is_not_here_says_where_a_store_is(sandbox: RunningSandbox) -> None:
    page = await sandbox.http.get("/success?sale=sale_1")
    assert (page.status_code, "STOREFRONT_URL" in page.text) == (404, True)
    assert (await sandbox.http.get("/favicon.ico")).headers["content-type"].startswith("image/svg+xml")

"""Mail goes in by SMTP and comes out as pages and JSON."""

import asyncio
import smtplib
from email.message import EmailMessage

import pytest

from egpay_sandbox.testing.running_sandbox import RunningSandbox


def letter(to: str = "ada@example.com") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "egpay <no-reply@egpay.test>"
    message["To"] = to
    message["Subject"] = "Willkommen, Ada ✓"
    message["Message-ID"] = "<intro-1@egpay.test>"
    message["X-Sale"] = "sale_1"
    message.set_content("Hello in text.")
    message.add_alternative("<p>Hello in <b>HTML</b></p><script>alert(1)</script>", subtype="html")
    return message


def send(port: int, message: EmailMessage, *, login: bool = False) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=5) as smtp:
        if login:
            smtp.login("user", "any password")
        smtp.send_message(message)


async def test_a_message_is_kept_with_all_its_parts(sandbox: RunningSandbox) -> None:
    await asyncio.to_thread(send, sandbox.smtp_port, letter())
    await asyncio.to_thread(send, sandbox.smtp_port, letter("bob@example.com"))
    mails = (await sandbox.http.get("/mailbox/api/messages", params={"to": "Ada@example.com"})).json()
    assert len(mails) == 1
    mail = mails[0]
    assert (mail["message_id"], mail["subject"]) == ("<intro-1@egpay.test>", "Willkommen, Ada ✓")
    assert (mail["from"], mail["to"]) == ("egpay <no-reply@egpay.test>", ["ada@example.com"])
    assert mail["text"].strip() == "Hello in text."
    assert "<b>HTML</b>" in mail["html"]
    assert mail["headers"]["X-Sale"] == "sale_1"
    assert len((await sandbox.http.get("/mailbox/api/messages")).json()) == 2


async def test_a_message_can_be_read_in_a_browser_without_its_scripts(sandbox: RunningSandbox) -> None:
    await asyncio.to_thread(send, sandbox.smtp_port, letter())
    assert "Willkommen, Ada ✓" in (await sandbox.http.get("/mailbox")).text
    mail_id = (await sandbox.http.get("/mailbox/api/messages")).json()[0]["id"]
    page = await sandbox.http.get(f"/mailbox/{mail_id}")
    assert "<iframe sandbox" in page.text
    assert "<script" not in page.text
    html = await sandbox.http.get(f"/mailbox/{mail_id}/html")
    assert html.headers["content-security-policy"].startswith(
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'"
    )


async def test_any_password_is_good_enough(sandbox: RunningSandbox) -> None:
    await asyncio.to_thread(send, sandbox.smtp_port, letter(), login=True)
    assert len(sandbox.internals.mailbox.messages()) == 1


@pytest.mark.parametrize("code", [451, 550])
async def test_refusals_are_scripted(sandbox: RunningSandbox, code: int) -> None:
    await sandbox.post_control("mailbox/refuse", code=code, times=2)
    for _ in range(2):
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            await asyncio.to_thread(send, sandbox.smtp_port, letter())
        assert refusal.value.smtp_code == code
    await asyncio.to_thread(send, sandbox.smtp_port, letter())
    assert len(sandbox.internals.mailbox.messages()) == 1


async def test_the_box_can_be_emptied(sandbox: RunningSandbox) -> None:
    await asyncio.to_thread(send, sandbox.smtp_port, letter())
    assert (await sandbox.http.delete("/mailbox/api/messages")).json() == {"deleted": 1}
    assert (await sandbox.http.get("/mailbox/api/messages")).json() == []

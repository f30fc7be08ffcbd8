"""A refusal of us keeps e-mails waiting and raises an alarm; one of the recipient sets aside that e-mail alone."""

import logging
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import aiosmtplib
import pytest

from egpay.adapters.smtp.mail import SmtpMail
from egpay.adapters.smtp.refusals import MailServerRefusesUs, explain
from egpay.domain.errors import Defect, EgpayError, Outage
from egpay.ports.mail import Email, RecipientRefused
from egpay.testing.scripted_smtp import ScriptedSmtp, scripted_smtp

LETTER = Email(
    to="ada.private@example.com",
    subject="Welcome",
    text="Hello",
    html="<p>Hello</p>",
    message_id="introduction.org_1@egpay",
    date=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
)
OF_US = (
    ("CONNECT", "554 5.7.1 ada.private@example.com: your network is blocked", "connection"),
    ("CONNECT", "521 no mail here", "connection"),
    ("EHLO", "550 we do not know you", "connection"),
    ("MAIL", "530 5.7.0 Must issue a STARTTLS command first", "tls"),
    ("MAIL", "530 5.7.0 authentication required", "login"),
    ("MAIL", "535 5.7.8 not any more", "login"),
    ("MAIL", "550 5.7.1 hello@eg.example may not send", "sender"),
    ("MAIL", "553 5.1.8 sender's domain unknown", "sender"),
    ("MAIL", "554 no", "sender"),
    ("MAIL", "501 5.1.7 bad sender", "sender"),
    ("MAIL", "552 5.2.2 over quota", "quota"),
    ("MAIL", "552 quota exceeded", "quota"),
    ("MAIL", "452 4.3.1 quota exceeded", "quota"),
    ("RCPT", "530 5.7.0 authentication required", "login"),
    ("RCPT", "554 5.7.1 <ada.private@example.com>: Relay access denied", "policy"),
    ("RCPT", "550 5.4.5 Daily user sending limit exceeded", "quota"),
    ("RCPT", "553 5.1.8 hello@eg.example: domain not found", "sender"),
    ("DATA", "530 5.7.0 authentication required", "login"),
    ("BODY", "550 5.4.5 Daily SMTP relay sending limit exceeded", "quota"),
    ("BODY", "552 storage exceeded", "quota"),
    ("BODY", "554 5.7.60 SMTP; Client does not have permissions to send as this sender", "sender"),
)
OF_THE_LETTER = (
    ("RCPT", "550 5.1.1 ada.private@example.com unknown"),
    ("RCPT", "550 5.7.1 ada.private@example.com wants nothing"),
    ("RCPT", "551 moved"),
    ("RCPT", "552 5.2.2 mailbox full"),
    ("RCPT", "553 no such name"),
    ("RCPT", "554 5.1.1 no"),
    ("RCPT", "556 5.1.10 takes no mail"),
    ("BODY", "552 5.2.2 mailbox full"),
    ("BODY", "552 5.3.4 too big"),
    ("BODY", "554 5.7.1 spam"),
    ("BODY", "550 5.7.1 spam"),
)
NOT_NOW = (
    ("CONNECT", "421 busy"),
    ("MAIL", "451 4.7.0 later"),
    ("RCPT", "450 4.2.0 greylisted"),
    ("RCPT", "452 4.2.2 mailbox full"),
    ("BODY", "451 later"),
    ("BODY", "452 4.2.2 mailbox full"),
)


@dataclass
class Post:
    """A server, the sender that talks to it, and the alarms it raised."""

    server: ScriptedSmtp
    alarms: list[str] = field(default_factory=list)

    def mail(self, *, login: str = "") -> SmtpMail:
        url = self.server.url.replace("://", f"://{login}")
        return SmtpMail(url, sender="EG <hello@eg.example>", timeout=2.0, on_refusal=self.alarms.append)

    async def failure(self, *, login: str = "") -> EgpayError:
        mail = self.mail(login=login)
        with pytest.raises(EgpayError) as failure:
            await mail.send(LETTER)
        await mail.aclose()
        return failure.value


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    async with scripted_smtp() as server:
        yield Post(server)


def alarms(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str, int | None]]:
    return [
        (line.getMessage(), line.__dict__["reason"], line.__dict__["code"])
        for line in caplog.records
        if line.levelno == logging.ERROR
    ]


@pytest.mark.parametrize(("command", "reply", "reason"), OF_US)
async def test_a_refusal_of_us_is_an_outage_and_raises_an_alarm(
    post: Post, caplog: pytest.LogCaptureFixture, command: str, reply: str, reason: str
) -> None:
    post.server.say(command, reply, reply)  # a refused EHLO is tried again as HELO
    post.server.say("HELO", reply)
    refused = await post.failure()
    assert isinstance(refused, MailServerRefusesUs)
    assert isinstance(refused, Outage)
    assert (refused.reason, refused.code) == (reason, int(reply[:3]))
    assert post.alarms == [reason]
    assert alarms(caplog) == [("mail server refuses us", reason, int(reply[:3]))]
    assert "example" not in str(refused) + caplog.text


@pytest.mark.parametrize(("command", "reply"), OF_THE_LETTER)
async def test_a_refusal_of_the_recipient_or_the_letter_is_a_defect_without_an_alarm(
    post: Post, caplog: pytest.LogCaptureFixture, command: str, reply: str
) -> None:
    post.server.say(command, reply)
    refused = await post.failure()
    assert isinstance(refused, Defect)
    assert isinstance(refused, RecipientRefused) is (command == "RCPT")
    assert reply[:3] in str(refused)
    assert "ada" not in str(refused)
    assert (post.alarms, alarms(caplog)) == ([], [])


@pytest.mark.parametrize(("command", "reply"), NOT_NOW)
async def test_a_server_that_says_later_is_an_outage_without_an_alarm(
    post: Post, caplog: pytest.LogCaptureFixture, command: str, reply: str
) -> None:
    post.server.say(command, reply)
    refused = await post.failure()
    assert isinstance(refused, Outage)
    assert not isinstance(refused, MailServerRefusesUs)
    assert (post.alarms, alarms(caplog)) == ([], [])


async def test_a_refused_login_is_an_outage_and_raises_an_alarm(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    post.server.offers = ("AUTH PLAIN",)
    post.server.say("AUTH", "535 5.7.8 secretword is wrong")
    assert "535" in str(await post.failure(login="ada:secretword@"))
    assert post.alarms == ["login"]
    assert "secretword" not in caplog.text


async def test_a_login_that_fails_for_now_is_an_outage_without_an_alarm(post: Post) -> None:
    post.server.offers = ("AUTH PLAIN",)
    post.server.say("AUTH", "454 4.7.0 directory away")
    assert isinstance(await post.failure(login="ada:p@"), Outage)
    assert post.alarms == []


@pytest.mark.parametrize("offers", [(), ("AUTH GSSAPI",)])
async def test_a_server_that_offers_us_no_login_refuses_us(post: Post, offers: tuple[str, ...]) -> None:
    post.server.offers = offers
    refused = await post.failure(login="ada:p@")
    assert isinstance(refused, MailServerRefusesUs)
    assert post.alarms == ["login"]


async def test_a_server_that_takes_back_starttls_refuses_us(post: Post) -> None:
    post.server.offers = ("STARTTLS",)
    post.server.say("STARTTLS", "554 5.7.3 no certificate")
    assert isinstance(await post.failure(), MailServerRefusesUs)
    assert post.alarms == ["tls"]


def test_a_certificate_that_is_not_trusted_is_a_refusal_of_us() -> None:
    handshake = aiosmtplib.SMTPConnectError("no")
    handshake.__cause__ = ssl.SSLCertVerificationError("self-signed")
    for fault in (handshake, ssl.SSLCertVerificationError("self-signed")):
        refused = explain(fault)
        assert isinstance(refused, MailServerRefusesUs)
        assert refused.reason == "tls"


async def test_letters_go_on_when_the_refusal_is_repaired(post: Post) -> None:
    post.server.say("MAIL", "550 5.7.1 account suspended", "550 5.7.1 account suspended")
    mail = post.mail()
    for _ in range(2):
        with pytest.raises(Outage):
            await mail.send(LETTER)
    await mail.send(LETTER)
    await mail.aclose()
    assert len(post.server.letters) == 1
    assert post.alarms == ["sender", "sender"]

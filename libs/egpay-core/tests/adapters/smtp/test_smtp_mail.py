"""Letters reach the server whole and once, and its answers say who must act."""

import asyncio
import socket
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP as POLICY
from typing import Any

import msgspec
import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from hypothesis import given, settings
from hypothesis import strategies as st

from egpay.adapters.smtp.mail import SmtpMail
from egpay.adapters.smtp.message import mailbox, message, recipient
from egpay.domain.errors import Defect, Outage
from egpay.ports.mail import Email

SENDER = "EG <hello@eg.example>"
LETTER = Email(
    to="ada.private@example.com",
    subject="Welcome · open the account of Engines Ltd",
    text="Hello Ada,\n\n.a line that begins with a dot\n",
    html="<p>Hello <b>Ada</b> · ö</p>",
    message_id="introduction.org_1@egpay",
    date=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
)


@dataclass
class ScriptedMailServer:
    """Remembers what it took. `rcpt` and `data` are the answers to come; without one it takes the letter."""

    url: str = ""
    rcpt: deque[str] = field(default_factory=deque)
    data: deque[str] = field(default_factory=deque)
    delay: float = 0.0
    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    connections: list[SMTP] = field(default_factory=list)
    logins: list[LoginPassword] = field(default_factory=list)
    receiving: asyncio.Event = field(default_factory=asyncio.Event)

    def hang_up(self) -> None:
        """Close every connection, as servers do with the idle."""
        for connection in self.connections:
            if connection.transport:
                connection.transport.close()

    def login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        """Let `ada` with `p@ss` in."""
        self.logins.append(data)
        return AuthResult(success=(data.login, data.password) == (b"ada", b"p@ss"), handled=False)

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Say what was scripted for the next recipient."""
        answer = self.rcpt.popleft() if self.rcpt else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - likewise
        """Say what was scripted for the next letter."""
        answer = self.data.popleft() if self.data else "250 OK"
        self.receiving.set()
        await asyncio.sleep(self.delay)
        if answer == "hang up" and server.transport:
            server.transport.close()
        elif answer.startswith("250"):
            self.letters.append(
                BytesParser(_class=EmailMessage, policy=POLICY).parsebytes(envelope.original_content or b"")
            )
            self.envelopes.append(envelope)
        return answer


@asynccontextmanager
async def scripted_mail_server() -> AsyncIterator[ScriptedMailServer]:
    """A server on a free port of this machine, until the block ends."""
    script = ScriptedMailServer()

    def connected() -> SMTP:
        connection = SMTP(script, hostname="test.invalid", authenticator=script.login, auth_require_tls=False)
        script.connections.append(connection)
        return connection

    server = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0)
    script.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield script
    finally:
        server.close()
        script.hang_up()
        await server.wait_closed()


@pytest.fixture
async def server() -> AsyncIterator[ScriptedMailServer]:
    async with scripted_mail_server() as script:
        yield script


@pytest.fixture
async def mail(server: ScriptedMailServer) -> AsyncIterator[SmtpMail]:
    adapter = SmtpMail(server.url, sender=SENDER)
    yield adapter
    await adapter.aclose()


async def test_a_letter_arrives_with_its_text_and_its_html(
    server: ScriptedMailServer, mail: SmtpMail
) -> None:
    await mail.send(LETTER)
    [arrived] = server.letters
    text, html = arrived.iter_parts()
    assert arrived.get_content_type() == "multipart/alternative"
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n") == LETTER.text
    assert html.get_content().strip() == LETTER.html


async def test_its_headers_say_who_when_and_that_a_machine_wrote_it(
    server: ScriptedMailServer, mail: SmtpMail
) -> None:
    await mail.send(LETTER)
    [arrived] = server.letters
    assert arrived["From"] == SENDER
    assert arrived["To"] == LETTER.to
    assert arrived["Subject"] == LETTER.subject
    assert arrived["Message-ID"] == "<introduction.org_1@egpay>"
    assert arrived["Date"].datetime == LETTER.date
    assert arrived["Auto-Submitted"] == "auto-generated"
    [envelope] = server.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("hello@eg.example", [LETTER.to])


async def test_several_letters_go_over_one_connection(server: ScriptedMailServer, mail: SmtpMail) -> None:
    for _ in range(3):
        await mail.send(LETTER)
    assert len(server.letters) == 3
    assert len(server.connections) == 1


async def test_letters_sent_at_once_all_arrive(server: ScriptedMailServer, mail: SmtpMail) -> None:
    letters = [msgspec.structs.replace(LETTER, subject=f"letter {number}") for number in range(20)]
    await asyncio.gather(*(mail.send(letter) for letter in letters))
    assert sorted(arrived["Subject"] for arrived in server.letters) == sorted(
        letter.subject for letter in letters
    )
    assert len(server.connections) == 1


async def test_a_connection_that_the_server_closed_is_opened_again(
    server: ScriptedMailServer, mail: SmtpMail
) -> None:
    await mail.send(LETTER)
    server.hang_up()
    await mail.send(LETTER)
    assert len(server.letters) == 2
    assert len(server.connections) == 2


@pytest.mark.parametrize("answer", ["451 ada.private@example.com: try later", "421 busy", "450 greylisted"])
async def test_a_server_that_says_later_is_an_outage(
    server: ScriptedMailServer, mail: SmtpMail, answer: str
) -> None:
    server.rcpt.append(answer)
    with pytest.raises(Outage) as outage:
        await mail.send(LETTER)
    assert answer[:3] in str(outage.value)
    assert outage.value.undone
    assert "ada" not in str(outage.value)
    await mail.send(LETTER)
    assert len(server.letters) == 1


@pytest.mark.parametrize("answer", ["550 ada.private@example.com is nobody here", "553 no"])
async def test_a_server_that_says_never_is_our_defect_and_names_nobody(
    server: ScriptedMailServer, mail: SmtpMail, answer: str
) -> None:
    server.rcpt.append(answer)
    with pytest.raises(Defect) as defect:
        await mail.send(LETTER)
    assert answer[:3] in str(defect.value)
    assert "ada" not in str(defect.value)


async def test_the_verdict_on_the_letter_itself_counts_as_well(
    server: ScriptedMailServer, mail: SmtpMail
) -> None:
    server.data.extend(["452 disk full for ada.private", "554 spam by ada.private"])
    with pytest.raises(Outage):
        await mail.send(LETTER)
    with pytest.raises(Defect) as defect:
        await mail.send(LETTER)
    assert "ada" not in str(defect.value)


async def test_a_connection_lost_within_a_letter_is_an_outage_and_the_next_letter_goes(
    server: ScriptedMailServer, mail: SmtpMail
) -> None:
    server.data.append("hang up")
    with pytest.raises(Outage) as outage:
        await mail.send(LETTER)
    assert not outage.value.undone
    await mail.send(LETTER)
    assert len(server.letters) == 1


async def test_a_letter_given_up_midway_does_not_disturb_the_next(
    server: ScriptedMailServer, mail: SmtpMail
) -> None:
    server.delay = 60.0
    sending = asyncio.create_task(mail.send(LETTER))
    await server.receiving.wait()
    sending.cancel()
    await asyncio.wait([sending])
    server.delay = 0.0
    other = msgspec.structs.replace(LETTER, to="grace@example.com")
    await mail.send(other)
    assert [arrived["To"] for arrived in server.letters] == ["grace@example.com"]


async def test_nobody_listening_is_an_outage() -> None:
    async with scripted_mail_server() as gone:
        url = gone.url
    with pytest.raises(Outage) as outage:
        await SmtpMail(url, sender=SENDER).send(LETTER)
    assert outage.value.undone


async def test_a_silent_server_is_an_outage() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        mail = SmtpMail(f"smtp://127.0.0.1:{silent.getsockname()[1]}", sender=SENDER, timeout=0.05)
        with pytest.raises(Outage):
            await mail.send(LETTER)


async def test_a_name_and_password_open_the_server(server: ScriptedMailServer) -> None:
    mail = SmtpMail(server.url.replace("://", "://ada:p%40ss@"), sender=SENDER)
    await mail.send(LETTER)
    await mail.aclose()
    assert server.logins[0].password == b"p@ss"


async def test_a_wrong_password_keeps_letters_waiting_and_is_not_shown(server: ScriptedMailServer) -> None:
    mail = SmtpMail(server.url.replace("://", "://ada:secretword@"), sender=SENDER)
    with pytest.raises(Outage) as outage:
        await mail.send(LETTER)
    assert "535" in str(outage.value)
    assert "secretword" not in str(outage.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", "Hello\r\nBcc: thief@example.com"),
        ("subject", "Hello\nBcc: thief@example.com"),
        ("subject", "Hello\u2028Bcc: thief@example.com"),
        ("message_id", "a@b>\r\nBcc: thief@example.com"),
    ],
)
async def test_a_line_break_in_a_value_begins_no_header(
    server: ScriptedMailServer, mail: SmtpMail, field: str, value: str
) -> None:
    await mail.send(msgspec.structs.replace(LETTER, **{field: value}))
    [arrived] = server.letters
    assert arrived["Bcc"] is None
    assert server.envelopes[0].rcpt_tos == [LETTER.to]


@pytest.mark.parametrize(
    "to",
    [
        "",
        "ada",
        "ada@example.com, thief@example.com",
        "ada@example.com\r\nBcc: thief@example.com",
        "friends: ada@example.com;",
        "ada@exa mple.com",
        "<ada@example.com",
    ],
)
async def test_an_address_that_is_not_exactly_one_is_our_defect(
    server: ScriptedMailServer, mail: SmtpMail, to: str
) -> None:
    with pytest.raises(Defect) as defect:
        await mail.send(msgspec.structs.replace(LETTER, to=to))
    assert "ada" not in str(defect.value)
    assert server.letters == []


async def test_the_rarest_addresses_still_arrive(server: ScriptedMailServer, mail: SmtpMail) -> None:
    for to in (
        "o'neil+eg@example.com",
        '"a b"@example.com',
        "ada@b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example",
    ):
        await mail.send(msgspec.structs.replace(LETTER, to=to))
    assert len(server.letters) == 3
    assert server.envelopes[-1].rcpt_tos == ["ada@xn--bcher-kva.example"]


@pytest.mark.parametrize(
    ("typed", "asked"),
    [("jo@straße.example", "jo@xn--strae-oqa.example"), ("jo@i♥.example", "jo@xn--i-n3p.example")],
)
def test_a_letter_goes_to_the_domain_by_which_its_account_is_known(typed: str, asked: str) -> None:
    assert recipient(typed).addr_spec == asked


@settings(deadline=None)
@given(st.text() | st.text(alphabet='@.,;:<>()[]"\\ \r\nab').map(lambda text: f"a{text}@example.com"))
def test_no_text_at_all_as_an_address_is_any_other_error(to: str) -> None:
    try:
        content = message(msgspec.structs.replace(LETTER, to=to), sender=mailbox(SENDER)).as_bytes()
    except Defect:
        return
    assert content.lower().count(b"\nto:") == 1
    assert b"\nbcc:" not in content.lower()


@pytest.mark.parametrize(
    "url",
    ["", "mail.example", "http://mail.example", "smtp://", "smtp://mail:99999", "smtp://[", "smtp:mail"],
)
def test_a_malformed_address_of_the_server_is_noticed_at_the_start(url: str) -> None:
    with pytest.raises(Defect):
        SmtpMail(url, sender=SENDER)


@pytest.mark.parametrize("sender", ["", "EG", "EG <hello>", "a@b.example, c@d.example"])
def test_a_malformed_sender_is_noticed_at_the_start(sender: str) -> None:
    with pytest.raises(Defect):
        SmtpMail("smtp://mail.example", sender=sender)

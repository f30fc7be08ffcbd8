"""E-mail is data: whatever a person typed is text of the e-mail, never a header, an address, a link or markup.

The bytes are read back by parsers that share nothing with what wrote them, and by eye: line by line. Nothing here leans
on what a patched Python refuses to write; all of it must hold on the oldest one that egpay runs on.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import compat32, default
from html.parser import HTMLParser
from typing import cast

import msgspec
import pytest
from hostile_strings import HONEST, HOSTILE, RECIPIENTS
from hypothesis import given, settings
from hypothesis import strategies as st

from egpay.adapters.smtp.letters import JinjaEmailTemplates
from egpay.adapters.smtp.mail import SmtpMail
from egpay.adapters.smtp.message import mailbox, message
from egpay.domain.errors import Defect
from egpay.domain.printable import LONGEST_NAME, one_line
from egpay.ports.mail import Email
from egpay.testing.scripted_smtp import scripted_smtp

TEMPLATES = JinjaEmailTemplates("https://shop.example", "https://api.example")
SENDER = "EG <hello@eg.example>"
DATE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HEADERS = ["Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"]


def introduction(text: str) -> Email:
    return TEMPLATES.introduction(
        to="ada@example.com", name=text, organisation=text, token="t", message_id="i.1@eg.example", date=DATE
    )


def payment_failed(text: str) -> Email:
    return TEMPLATES.payment_failed(to="ada@example.com", name=text, message_id="f.1@eg.example", date=DATE)


def payment_reminder(text: str) -> Email:
    return TEMPLATES.payment_reminder(
        to="ada@example.com",
        name=text,
        attempt=1,
        invoice_url="https://pay.example/in_1?a=1&b=2",
        message_id="r.1@eg.example",
        date=DATE,
    )


LETTERS = (introduction, payment_failed, payment_reminder)
Write = Callable[[str], Email]


def sent(letter: Email, sender: str = SENDER) -> bytes:
    return message(letter, sender=mailbox(sender)).as_bytes()


def header_lines(raw: bytes) -> list[str]:
    """The lines before the first empty one, as a mail server sees them."""
    assert raw.isascii()
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    return raw.split(b"\r\n\r\n", 1)[0].decode().split("\r\n")


def assert_only_our_headers(raw: bytes) -> None:
    lines = header_lines(raw)
    assert sorted(line.partition(":")[0] for line in lines if not line.startswith(" ")) == HEADERS
    assert all(line.strip() for line in lines)
    for policy in (compat32, default):
        parsed: Message = BytesParser(policy=policy).parsebytes(raw)
        assert sorted(parsed.keys()) == HEADERS
        assert not parsed.defects


def decoded(raw: bytes, name: str) -> tuple[str, str]:
    """A header as an old reader and as Python's new one decode it."""
    old, new = (BytesParser(policy=policy).parsebytes(raw) for policy in (compat32, default))
    words = cast("str", old[name]).replace("\r\n", "")
    return str(make_header(decode_header(words))), str(new[name])


def bodies(raw: bytes) -> list[str]:
    parsed = BytesParser(_class=EmailMessage, policy=default).parsebytes(raw)
    parts = list(parsed.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    assert not any(part.defects for part in parts)
    return [cast("EmailMessage", part).get_content().replace("\r\n", "\n") for part in parts]


class Seen(HTMLParser):
    """The tags, links and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("write", LETTERS)
@pytest.mark.parametrize("text", [*HOSTILE.values(), *HONEST], ids=[*HOSTILE, *map(ascii, HONEST)])
def test_a_name_is_text_of_the_letter_and_writes_nothing_else_of_it(write: Write, text: str) -> None:
    letter, plain = write(text), write("Ada")
    raw = sent(letter)
    assert_only_our_headers(raw)
    assert decoded(raw, "To") == ("ada@example.com", "ada@example.com")
    assert decoded(raw, "From") == (SENDER, SENDER)
    shown = one_line(text, longest=LONGEST_NAME)
    assert decoded(raw, "Subject") == (one_line(letter.subject), one_line(letter.subject))
    if write is introduction:
        assert decoded(raw, "Subject")[0].endswith(f"the account of {shown}")
    assert bodies(raw) == [letter.text, letter.html]
    page, usual = Seen(letter.html), Seen(plain.html)
    assert (page.tags, page.attributes) == (usual.tags, usual.attributes)
    assert shown in letter.text
    assert shown in page.text
    assert len(letter.text.splitlines()) == len(plain.text.splitlines())


@given(
    st.lists(st.sampled_from([*HOSTILE.values(), *HONEST, " ", "=?", "?=", "a", "=20", "_", ",", "\u6f22"]))
)
@settings(max_examples=100, deadline=None)
def test_no_mixture_of_hostile_texts_becomes_more_than_a_subject(pieces: list[str]) -> None:
    text = "".join(pieces)
    raw = sent(msgspec.structs.replace(introduction("Ada"), subject=f"Hello {text}"))
    assert_only_our_headers(raw)
    assert decoded(raw, "Subject") == (one_line(f"Hello {text}"),) * 2
    assert decoded(raw, "To")[0] == "ada@example.com"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_an_id_is_one_word_between_angle_brackets(text: str) -> None:
    raw = sent(msgspec.structs.replace(introduction("Ada"), message_id=f"reminder.{text}@eg.example"))
    assert_only_our_headers(raw)
    [line] = [line for line in header_lines(raw) if line.startswith("Message-ID:")]
    assert re.fullmatch(r"Message-ID: <[A-Za-z0-9._-]+@eg\.example>", line)


def test_two_ids_stay_two_and_one_stays_one() -> None:
    def written(text: str) -> str:
        return decoded(
            sent(msgspec.structs.replace(introduction("Ada"), message_id=f"{text}@eg.example")), "Message-ID"
        )[0]

    assert written("a?b") == written("a?b") != written("a*b")
    assert written("introduction.org_1") == "<introduction.org_1@eg.example>"


@pytest.mark.parametrize("address", RECIPIENTS, ids=map(ascii, RECIPIENTS))
async def test_a_letter_reaches_the_address_it_names_or_nobody(address: str) -> None:
    async with scripted_smtp() as server:
        mail = SmtpMail(server.url, sender=SENDER)
        try:
            await mail.send(msgspec.structs.replace(introduction("Ada"), to=address))
        except Defect:
            assert server.commands == []
            return
        finally:
            await mail.aclose()
    [raw] = server.letters
    assert_only_our_headers(raw)
    assert f"To: {address}" in header_lines(raw)
    assert [line for line in server.commands if line.startswith(b"RCPT")] == [f"RCPT TO:<{address}>".encode()]
    new = BytesParser(policy=default).parsebytes(raw)
    assert [one.addr_spec for one in new["To"].addresses] == [address]


def test_a_refused_address_is_not_quoted() -> None:
    with pytest.raises(Defect) as defect:
        sent(msgspec.structs.replace(introduction("Ada"), to="ada@example.com, thief@evil.example"))
    assert "example" not in str(defect.value)


@pytest.mark.parametrize("name", [*HOSTILE.values(), *HONEST], ids=[*HOSTILE, *map(ascii, HONEST)])
def test_the_name_of_the_sender_is_a_name_or_is_refused_at_the_start(name: str) -> None:
    try:
        raw = sent(introduction("Ada"), sender=f"{name} <hello@eg.example>")
    except Defect:
        return
    assert_only_our_headers(raw)
    new = BytesParser(policy=default).parsebytes(raw)
    assert [one.addr_spec for one in new["From"].addresses] == ["hello@eg.example"]


async def test_on_the_wire_a_hostile_letter_is_one_letter_to_one_address() -> None:
    async with scripted_smtp() as server:
        mail = SmtpMail(server.url, sender=SENDER)
        for text in HOSTILE.values():
            await mail.send(introduction(text))
        await mail.aclose()
    assert len(server.letters) == len(HOSTILE)
    envelopes = [line.split(b" ")[:2] for line in server.commands if line.startswith((b"MAIL", b"RCPT"))]
    assert envelopes == [[b"MAIL", b"FROM:<hello@eg.example>"], [b"RCPT", b"TO:<ada@example.com>"]] * len(
        HOSTILE
    )
    for raw in server.letters:
        assert_only_our_headers(raw)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "",
        "https://",
        "https://pay.example/\r\nx",
        "https://pay.example/ x",
        "https://[",
    ],
)
def test_a_link_that_is_no_web_page_is_not_sent(url: str) -> None:
    with pytest.raises(Defect):
        TEMPLATES.payment_reminder(
            to="ada@example.com", name="Ada", attempt=1, invoice_url=url, message_id="r@eg", date=DATE
        )


def test_a_quote_in_a_link_ends_no_attribute() -> None:
    letter = TEMPLATES.payment_reminder(
        to="ada@example.com",
        name="Ada",
        attempt=1,
        invoice_url='https://pay.example/"onclick="x',
        message_id="r@eg",
        date=DATE,
    )
    assert Seen(letter.html).tags == Seen(payment_reminder("Ada").html).tags
    assert "onclick" not in dict(Seen(letter.html).attributes)

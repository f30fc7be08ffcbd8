"""E-mail is data: whatever a person typed is text of the e-mail, never a header, an address, a link or markup.

The bytes are read back by parsers that share nothing with what wrote them, and by eye: line by line. Nothing here leans
on what a patched Python refuses to write; all of it must hold on the oldest one that egpay runs on.
"""

import re
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

from egpay.adapters.smtp.letter_samples import sample_letters
from egpay.adapters.smtp.letter_values import LetterLinks, Seller
from egpay.adapters.smtp.letters import JinjaEmailTemplates
from egpay.adapters.smtp.mail import SmtpMail
from egpay.adapters.smtp.message import mailbox, message
from egpay.domain.errors import Defect
from egpay.domain.letters import LETTERS, Letter, LetterKind
from egpay.domain.printable import LONGEST_NAME, one_line
from egpay.ports.mail import Email
from egpay.testing.scripted_smtp import scripted_smtp

TEMPLATES = JinjaEmailTemplates(
    LetterLinks(storefront_url="https://shop.example", public_url="https://api.example"),
    Seller(name="EG", email="hello@eg.example", address="1 Quay, Dublin"),
)
SENDER = "EG <hello@eg.example>"
DATE = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HEADERS = ["Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To"]


def spoiled(letter: Letter, text: str) -> Letter:
    """The letter with a text in every place that a person, the warehouse or a catalogue fills."""
    placed = letter.order and msgspec.structs.replace(
        letter.order,
        lines=tuple(msgspec.structs.replace(line, name=text) for line in letter.order.lines),
        shipping_address=letter.order.shipping_address
        and msgspec.structs.replace(letter.order.shipping_address, line1=text, city=text),
    )
    filled = {
        field: text
        for field in ("name", "organisation", "carrier", "tracking_number")
        if getattr(letter, field)
    }
    return msgspec.structs.replace(letter, order=placed, **filled)


def written(letter: Letter) -> Email:
    return TEMPLATES.render(letter, message_id="i.1@eg.example", date=DATE)


SAMPLES = {
    f"{letter.kind.value}-{number}-{language}": letter
    for language in TEMPLATES.languages
    for letters in sample_letters(language).values()
    for number, letter in enumerate(letters)
}
"""Every kind of the table in every language: what is new is here by itself."""


def introduction(text: str) -> Email:
    return written(spoiled(SAMPLES["introduction-0-en"], text))


def with_link(url: str) -> Email:
    return written(msgspec.structs.replace(SAMPLES["payment_retry-0-en"], url=url))


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


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_text_is_text_of_the_letter_and_writes_nothing_else_of_it(sample: str) -> None:
    texts = (*HOSTILE.values(), *HONEST)
    for text in texts if SAMPLES[sample].language == "en" else texts[::8]:
        assert_only_text(sample, text)


def assert_only_text(sample: str, text: str) -> None:
    shown = one_line(text, longest=LONGEST_NAME)
    letter = written(spoiled(SAMPLES[sample], text))
    plain = written(spoiled(SAMPLES[sample], "Ada" if shown else ""))
    raw = sent(letter)
    assert_only_our_headers(raw)
    assert decoded(raw, "To") == ("orla@harbour.example", "orla@harbour.example")
    assert decoded(raw, "From") == (SENDER, SENDER)
    assert decoded(raw, "Subject") == (one_line(letter.subject), one_line(letter.subject))
    if sample == "introduction-0-en":
        assert decoded(raw, "Subject")[0].endswith(f"the account of {shown}")
    assert bodies(raw) == [letter.text, letter.html]
    page, usual = Seen(letter.html), Seen(plain.html)
    assert (page.tags, page.attributes) == (usual.tags, usual.attributes)
    if SAMPLES[sample].name:
        assert shown in letter.text
        assert shown in page.text
    assert len(letter.text.splitlines()) == len(plain.text.splitlines())


def test_every_kind_of_letter_has_samples_in_every_language() -> None:
    assert {letter.kind for letter in SAMPLES.values()} == set(LetterKind) == set(LETTERS)
    assert TEMPLATES.languages == ("de", "en")


@given(
    st.lists(st.sampled_from([*HOSTILE.values(), *HONEST, " ", "=?", "?=", "a", "=20", "_", ",", "\u6f22"]))
)
@settings(max_examples=100, deadline=None)
def test_no_mixture_of_hostile_texts_becomes_more_than_a_subject(pieces: list[str]) -> None:
    text = "".join(pieces)
    raw = sent(msgspec.structs.replace(introduction("Ada"), subject=f"Hello {text}"))
    assert_only_our_headers(raw)
    assert decoded(raw, "Subject") == (one_line(f"Hello {text}"),) * 2
    assert decoded(raw, "To")[0] == "orla@harbour.example"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_an_id_is_one_word_between_angle_brackets(text: str) -> None:
    raw = sent(msgspec.structs.replace(introduction("Ada"), message_id=f"reminder.{text}@eg.example"))
    assert_only_our_headers(raw)
    [line] = [line for line in header_lines(raw) if line.startswith("Message-ID:")]
    assert re.fullmatch(r"Message-ID: <[A-Za-z0-9._-]+@eg\.example>", line)


def test_two_ids_stay_two_and_one_stays_one() -> None:
    def with_id(text: str) -> str:
        return decoded(
            sent(msgspec.structs.replace(introduction("Ada"), message_id=f"{text}@eg.example")), "Message-ID"
        )[0]

    assert with_id("a?b") == with_id("a?b") != with_id("a*b")
    assert with_id("introduction.org_1") == "<introduction.org_1@eg.example>"


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
    assert envelopes == [
        [b"MAIL", b"FROM:<hello@eg.example>"],
        [b"RCPT", b"TO:<orla@harbour.example>"],
    ] * len(HOSTILE)
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
        with_link(url)


def test_a_tracking_link_that_is_no_web_page_is_left_out() -> None:
    letter = msgspec.structs.replace(SAMPLES["shipped-0-en"], url="javascript:alert(1)")
    assert "javascript" not in written(letter).html + written(letter).text


def test_a_quote_in_a_link_ends_no_attribute() -> None:
    page = Seen(with_link('https://pay.example/"onclick="x').html)
    assert page.tags == Seen(with_link("https://pay.example/").html).tags
    assert "onclick" not in dict(page.attributes)

"""What an introduction e-mail says, and that nobody can say something else in its name."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest

from egpay.adapters.smtp.letters import JinjaEmailTemplates
from egpay.adapters.smtp.server import Server, parse_smtp_url
from egpay.ports.mail import Email

TOKEN = "tok-en_1"
LINK = f"https://shop.example/invitation#token={TOKEN}"


def introduction(*, name: str = "Ada", organisation: str = "Engines Ltd", token: str = TOKEN) -> Email:
    return JinjaEmailTemplates("https://shop.example/", "https://api.example/").introduction(
        to="ada@example.com",
        name=name,
        organisation=organisation,
        token=token,
        message_id="introduction.org_1@egpay",
        date=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
    )


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str | None] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"])


def test_both_parts_carry_the_link_and_nothing_else_to_click() -> None:
    letter = introduction()
    assert LINK in letter.text
    assert set(Links(letter.html).links) == {LINK}


def test_the_letter_names_person_organisation_and_deadline() -> None:
    letter = introduction()
    assert letter.subject == "Welcome to EG: open the account of Engines Ltd"
    for part in (letter.text, letter.html):
        assert "Ada" in part
        assert "Engines Ltd" in part
        assert "14 days" in part
    assert (letter.to, letter.message_id) == ("ada@example.com", "introduction.org_1@egpay")


@pytest.mark.parametrize("kind", ["organisation_added", "account_used_again"])
def test_a_letter_to_a_known_admin_names_the_organisation_and_leads_to_the_storefront(kind: str) -> None:
    templates = JinjaEmailTemplates("https://shop.example/", "https://api.example/")
    letter = getattr(templates, kind)(
        to="ada@example.com",
        name="Ada",
        organisation="<b>Engines & Co",
        message_id=f"{kind}.1@egpay",
        date=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
    )
    assert "<b>Engines & Co" in letter.subject
    assert "<b>Engines & Co" in letter.text
    assert "&lt;b&gt;Engines &amp; Co" in letter.html
    assert set(Links(letter.html).links) == {"https://shop.example"}


@pytest.mark.parametrize(
    "evil", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<a href='//x'>here</a>"]
)
def test_what_a_person_typed_is_text_and_never_markup(evil: str) -> None:
    plain, spoiled = Links(introduction().html), Links(introduction(name=evil, organisation=evil).html)
    assert spoiled.tags == plain.tags
    assert spoiled.links == plain.links
    assert evil in introduction(name=evil).text


def test_a_line_break_in_a_name_begins_no_paragraph_and_no_header() -> None:
    letter = introduction(name="Ada\r\n\r\nClick http://evil.example", organisation="E\nBcc: x@y.example")
    assert letter.text.startswith("Hello Ada Click http://evil.example,\n")
    assert letter.subject == "Welcome to EG: open the account of E Bcc: x@y.example"


def test_template_words_in_a_name_are_only_words() -> None:
    assert "Hello {{ link }}," in introduction(name="{{ link }}").text


def test_a_token_is_quoted_into_the_fragment() -> None:
    assert "#token=a%26b%3Dc%23" in introduction(token="a&b=c#").text


def test_the_page_can_be_read_aloud() -> None:
    html = introduction().html
    assert '<html lang="en"' in html
    assert html.count("<table") == html.count('role="presentation"')
    assert Links(html).tags.count("h1") == 1


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", Server(host="mail.example", port=587, tls=False)),
        ("smtps://mail.example", Server(host="mail.example", port=465, tls=True)),
        (
            "smtp://a%40b:p%3Aw@mail.example:25",
            Server(host="mail.example", port=25, tls=False, username="a@b", password="p:w"),
        ),
        ("smtp://[::1]:2525", Server(host="::1", port=2525, tls=False)),
    ],
)
def test_one_line_says_where_mail_is_handed_over(url: str, server: Server) -> None:
    assert parse_smtp_url(url) == server


def test_a_portal_link_stands_in_both_parts_and_the_letter_names_no_person() -> None:
    link = f"https://api.example/v1/billing-portal/sessions/{TOKEN}"
    letter = JinjaEmailTemplates("https://shop.example/", "https://api.example/").portal_link(
        to="ada@example.com",
        token=TOKEN,
        message_id="portal.link_1@egpay",
        date=datetime(2026, 11, 23, 12, 0, tzinfo=UTC),
    )
    assert link in letter.text
    assert set(Links(letter.html).links) == {link}
    assert letter.subject == "Your link to manage your EG subscription"
    for part in (letter.text, letter.html):
        assert "30 minutes" in part
        assert "ada" not in part

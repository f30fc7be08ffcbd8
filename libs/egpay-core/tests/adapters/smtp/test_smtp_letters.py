"""What the letters say, in which language, and that nobody can say something else in their name."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from egpay.adapters.smtp.letter_samples import WRITTEN, sample_letters
from egpay.adapters.smtp.letter_values import LetterLinks, Seller
from egpay.adapters.smtp.letters import JinjaEmailTemplates, check_letters
from egpay.adapters.smtp.server import Server, parse_smtp_url
from egpay.domain.errors import Defect
from egpay.domain.letters import LETTERS, LetterKind, letter_key
from egpay.domain.values import TotalDetails
from egpay.ports.mail import Email

TOKEN = "tok-en_1"
LINKS = LetterLinks(storefront_url="https://shop.example/", public_url="https://api.example/")
SELLER = Seller(name="EG", email="hello@eg.example", address="1 Quay, Dublin D02, Ireland")
LINK = f"https://shop.example/invitation#token={TOKEN}"
LETTERS_IN_THE_BOX = JinjaEmailTemplates(LINKS, SELLER)


def render(
    kind: LetterKind,
    number: int = 0,
    *,
    language: str | None = None,
    letters: JinjaEmailTemplates = LETTERS_IN_THE_BOX,
    **changes: object,
) -> Email:
    sample = msgspec.structs.replace(sample_letters(language)[kind][number], **changes)
    return letters.render(sample, message_id="letter.1@egpay", date=WRITTEN)


def introduction(**changes: Any) -> Email:
    facts: dict[str, Any] = {"name": "Ada", "organisation": "Engines Ltd", "token": TOKEN}
    return render(LetterKind.INTRODUCTION, **{**facts, **changes})


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str | None] = []
        self.tags: list[str] = []
        self.anchors: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "a":
            self.links.append(dict(attrs)["href"])
            self.anchors.append(dict(attrs))


def test_both_parts_carry_the_link_and_nothing_else_to_click() -> None:
    letter = introduction()
    assert LINK in letter.text
    assert set(Links(letter.html).links) == {LINK}


def test_the_letter_names_person_organisation_and_deadline() -> None:
    letter = introduction(to="ada@example.com")
    assert letter.subject == "Welcome to EG: open the account of Engines Ltd"
    for part in (letter.text, letter.html):
        assert "Ada" in part
        assert "Engines Ltd" in part
        assert "14 days" in part
    assert (letter.to, letter.message_id) == ("ada@example.com", "letter.1@egpay")


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ["Discount: -41.50 EUR", "Total: 124.50 EUR"]),
        ("de", ["Rabatt: -41,50 EUR", "Summe: 124,50 EUR"]),
    ],
)
def test_a_discount_stands_between_the_lines_and_what_was_paid(language: str, lines: list[str]) -> None:
    letter = render(LetterKind.ORDER_CONFIRMATION, 2, language=language)
    assert "\n".join(lines) in letter.text
    assert [line.split(": ")[1] in letter.html for line in lines] == [True, True]


def test_what_leads_from_the_lines_to_the_sum_is_named_and_nothing_where_it_is_the_same() -> None:
    parts = TotalDetails(discount=1000, shipping=500, tax=250)
    told = render(LetterKind.ORDER_CONFIRMATION, totals=parts, amount=10_000).text
    for line in (
        "Discount: -10.00 EUR",
        "Shipping: 5.00 EUR",
        "Tax: 2.50 EUR",
        "Discounts and credits: -63.50",
    ):
        assert line in told
    assert "Total: 100.00 EUR" in told
    assert "Additions: 4.00 EUR" in render(LetterKind.ORDER_CONFIRMATION, amount=17_000).text
    plain = render(LetterKind.ORDER_CONFIRMATION)
    assert not any(word in plain.text for word in ("Discount", "Shipping:", "Tax:", "credits"))
    assert "Discount" not in render(LetterKind.ORDER_CONFIRMATION, 1).text


@pytest.mark.parametrize("kind", [LetterKind.ORGANISATION_ADDED, LetterKind.ACCOUNT_USED_AGAIN])
def test_a_letter_to_a_known_admin_names_the_organisation_and_opens_nothing(kind: LetterKind) -> None:
    letter = render(kind, name="Ada", organisation="<b>Engines & Co")
    assert "<b>Engines & Co" in letter.text
    assert "&lt;b&gt;Engines &amp; Co" in letter.html
    assert Links(letter.html).links == []


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


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", LetterKind)
def test_every_letter_can_be_read_aloud_and_its_links_open_in_a_new_tab(
    kind: LetterKind, language: str
) -> None:
    for number in range(len(sample_letters()[kind])):
        letter = render(kind, number, language=language)
        page = Links(letter.html)
        assert f'<html lang="{language}"' in letter.html
        assert letter.html.count("<table") == letter.html.count('role="presentation"')
        assert page.tags.count("h1") == 1
        assert {(one["target"], one["rel"]) for one in page.anchors} <= {("_blank", "noopener")}
        assert "{{" not in letter.html + letter.text + letter.subject
        assert SELLER.address in letter.text
        assert SELLER.address in letter.html


def test_a_confirmation_holds_lines_total_address_and_how_to_withdraw() -> None:
    letter = render(LetterKind.ORDER_CONFIRMATION)
    for words in (
        "3 x Sensor: 147.00 EUR\n",
        "1 x Monitoring: 19.00 EUR (a month)\n",
        "Total: 166.00 EUR\n",
        "To be sent to: 12 Harbour Street, D02 XE80, Dublin, IE\n",
        "withdraw from this order within 14 days of receiving the devices",
        "hello@eg.example or to EG, 1 Quay, Dublin D02, Ireland",
    ):
        assert words in letter.text


def test_a_confirmation_of_a_trial_says_that_nothing_is_due_and_names_no_devices() -> None:
    letter = render(LetterKind.ORDER_CONFIRMATION, 1)
    assert "Nothing is due now." in letter.text
    assert "1 x Monitoring: 19.00 EUR (every 3 months, the first 30 days are free)" in letter.text
    assert "Total: 0.00 EUR" in letter.text
    assert "devices" not in letter.text


def test_sums_and_dates_are_written_as_the_language_writes_them() -> None:
    english, german = (render(LetterKind.PAYMENT_RETRY, language=one) for one in ("en", "de"))
    assert "payment of 19.00 EUR" in english.text
    assert "again on 7 December 2026" in english.text
    assert "Zahlung von 19,00 EUR" in german.text
    assert "am 7. Dezember 2026 noch einmal" in german.text


@pytest.mark.parametrize(
    ("locale", "greeting"),
    [
        ("de", "Guten Tag"),
        ("de-AT", "Guten Tag"),
        ("DE_ch", "Guten Tag"),
        ("en-IE", "Hello"),
        ("xx", "Hello"),
    ],
)
def test_a_locale_is_folded_to_a_language_there_are_texts_in(locale: str, greeting: str) -> None:
    assert render(LetterKind.SHIPPED, language=locale).text.startswith(greeting)


def test_a_letter_without_a_language_is_written_in_the_default_one() -> None:
    german = JinjaEmailTemplates(LINKS, SELLER, language="de")
    assert render(LetterKind.SHIPPED, letters=german).text.startswith("Guten Tag")
    with pytest.raises(Defect, match="there are de, en"):
        JinjaEmailTemplates(LINKS, SELLER, language="fr")


def test_a_last_notice_promises_no_further_try() -> None:
    for language, promise in (("en", "We will try again"), ("de", "versuchen es am")):
        assert promise in render(LetterKind.PAYMENT_RETRY, language=language).text
        assert promise not in render(LetterKind.LAST_NOTICE, language=language).text


def test_a_shop_overrides_single_texts_by_a_folder(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text('[shipped]\nsubject = "Off it goes, {{ name }}"\n')
    check_letters(str(tmp_path))
    letters = JinjaEmailTemplates(LINKS, SELLER, folder=tmp_path)
    letter = render(LetterKind.SHIPPED, letters=letters)
    assert letter.subject == "Off it goes, Orla Byrne"
    assert "Tracking number: CE123456789IE" in letter.text


def test_a_shop_overrides_the_layout(tmp_path: Path) -> None:
    (tmp_path / "letter.html.j2").write_text("<h1>{{ title }}</h1>")
    check_letters(str(tmp_path))
    letters = JinjaEmailTemplates(LINKS, SELLER, folder=tmp_path)
    assert render(LetterKind.SHIPPED, letters=letters).html == "<h1>Your devices are on their way</h1>"


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("en.toml", "[shipped\n", r"en\.toml: is no TOML"),
        ("en.toml", "[shiped]\nsubject = 'x'\n", r"en\.toml \[shiped\]: is no kind of letter"),
        ("en.toml", "[shipped]\nsubjct = 'x'\n", r"en\.toml \[shipped\]: .*subjct"),
        ("de.toml", "[shipped]\nsubject = '{{ nmae }}'\n", r"de\.toml \[shipped\]: .*nmae"),
        ("de.toml", "[shipped]\nsubject = '{% if %}'\n", r"de\.toml \[shipped\]: TemplateSyntaxError"),
        ("fr.toml", "[shipped]\nsubject = 'Parti'\n", r"fr\.toml \[words\]: .*greeting"),
        ("letter.txt.j2", "{{ nothing_such }}", r"en\.toml \[introduction\]: .*nothing_such"),
    ],
)
def test_a_broken_override_names_itself(tmp_path: Path, name: str, content: str, fault: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(Defect, match=fault):
        check_letters(str(tmp_path))


def test_a_folder_that_is_none_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Defect, match="is no folder"):
        check_letters(str(tmp_path / "none"))


def test_every_kind_has_a_rule_of_its_own_and_a_key_that_no_other_has() -> None:
    assert set(LETTERS) == set(LetterKind)
    assert len({rule.key.partition(":")[0] for rule in LETTERS.values()}) == len(LETTERS)
    assert letter_key(LetterKind.PAYMENT_RETRY, invoice="in_1", attempt=2) == "reminder:in_1:2"


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
    letter = render(LetterKind.PORTAL_LINK, token=TOKEN, to="ada@example.com")
    assert link in letter.text
    assert set(Links(letter.html).links) == {link}
    assert letter.subject == "Your link to manage your subscription at EG"
    for part in (letter.text, letter.html):
        assert "30 minutes" in part
        assert "ada" not in part


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    "kind",
    [
        LetterKind.ORDER_CONFIRMATION,
        LetterKind.PAYMENT_PENDING,
        LetterKind.SHIPPED,
        LetterKind.DELAYED,
        LetterKind.PARCEL_LOST,
        LetterKind.PARCEL_RETURNED,
    ],
)
def test_letters_to_consumers_lead_to_where_an_order_is_withdrawn_from(
    kind: LetterKind, language: str
) -> None:
    sale_id = sample_letters()[kind][0].sale_id
    page = f"https://shop.example/withdraw?sale={sale_id}"
    letter = render(kind, language=language)
    assert page in letter.text
    assert page in Links(letter.html).links
    businesses = JinjaEmailTemplates(LINKS, msgspec.structs.replace(SELLER, withdrawal_days=0))
    assert "withdraw" not in render(kind, language=language, letters=businesses).text


@pytest.mark.parametrize(
    "kind", [LetterKind.PAYMENT_FAILED, LetterKind.REFUNDED, LetterKind.WITHDRAWAL_RECEIVED]
)
def test_a_letter_about_an_order_that_is_not_concluded_or_over_offers_no_withdrawal(kind: LetterKind) -> None:
    assert "/withdraw?" not in render(kind).text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("7 December 2026 at 09:00 UTC", "Orla Byrne withdraws from order sale_", "only the gateway")),
        (
            "de",
            (
                "7. Dezember 2026 um 09:00 Uhr UTC",
                "Orla Byrne widerruft die Bestellung sale_",
                "only the gateway",
            ),
        ),
    ],
)
def test_a_receipt_of_a_withdrawal_says_what_was_declared_and_when(
    language: str, words: tuple[str, ...]
) -> None:
    letter = render(LetterKind.WITHDRAWAL_RECEIVED, language=language)
    assert [word for word in words if word not in letter.text] == []


def test_what_was_typed_with_a_withdrawal_is_no_markup_and_no_further_line() -> None:
    letter = render(LetterKind.WITHDRAWAL_RECEIVED, statement="<b>all</b>\n\nhttps://evil.example")
    assert "<b>" not in letter.html
    assert "You wrote: <b>all</b> https://evil.example" in letter.text

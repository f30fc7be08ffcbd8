"""E-mail templates: words each letter in its language, and escapes every value a person typed."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateError,
    select_autoescape,
)

from egpay.adapters.smtp.letter_samples import WRITTEN, sample_letters
from egpay.adapters.smtp.letter_texts import BOX, Language, Text, fold_language, load_languages
from egpay.adapters.smtp.letter_values import LetterLinks, Seller, values_of
from egpay.domain.errors import Defect
from egpay.domain.letters import Letter
from egpay.domain.printable import one_line
from egpay.ports.mail import Email


class JinjaEmailTemplates:
    """Port `EmailTemplates` over Jinja: two layouts, and one file of texts a language."""

    def __init__(
        self,
        links: LetterLinks,
        seller: Seller,
        *,
        language: str = "en",
        folder: Path | None = None,
    ) -> None:
        """Load the texts; `language` is the default one, `folder` holds what the shop overrides.

        Raises Defect that names what of it cannot be used.
        """
        self._links, self._seller = links, seller
        self._languages = load_languages(folder)
        if language not in self._languages:
            raise Defect(f"EMAIL_LANGUAGE has no texts; there are {', '.join(sorted(self._languages))}")
        self._default = language
        self._environment = _environment(folder)
        self._compiled: dict[str, Template] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that letters can be written in."""
        return tuple(sorted(self._languages))

    def render(self, letter: Letter, *, message_id: str, date: datetime) -> Email:
        """Word the letter in its language."""
        language = self._languages[fold_language(letter.language, self._languages, self._default)]
        values = values_of(letter, language.words, self._seller, self._links)
        text = language.texts[letter.kind]
        subject = one_line(self._worded(text.subject, values))
        return Email(
            to=letter.to,
            subject=subject,
            text=self._page("letter.txt.j2", text, language, values),
            html=self._page("letter.html.j2", text, language, values),
            message_id=message_id,
            date=date,
        )

    def _page(self, layout: str, text: Text, language: Language, values: Mapping[str, Any]) -> str:
        words = language.words
        parts = {
            "words": words,
            "language": language.code,
            "title": self._worded(text.title, values),
            "greeting": self._worded(words.greeting, values),
            "preview": self._worded(text.preview, values),
            "body": self._paragraphs(text.body, values),
            "button": self._worded(text.button, values) if values["link"] else "",
            "more": self._paragraphs(text.more, values),
            "foot": self._worded(text.foot, values),
        }
        return self._environment.get_template(layout).render({**values, **parts})

    def _paragraphs(self, texts: tuple[str, ...], values: Mapping[str, Any]) -> list[str]:
        return [worded for text in texts if (worded := self._worded(text, values))]

    def _worded(self, text: str, values: Mapping[str, Any]) -> str:
        """One text with its values, as plain text: the layout escapes it where it is markup."""
        compiled = self._compiled.get(text)
        if compiled is None:
            compiled = self._compiled[text] = self._environment.from_string(text)
        return " ".join(compiled.render(values).split())


def check_letters(folder: str) -> None:
    """Word a sample of every kind in every language, so that a broken text is found before a service starts.

    Raises Defect that names each text of the folder that cannot be used.
    """
    links = LetterLinks(storefront_url="https://shop.example", public_url="https://api.example")
    letters = JinjaEmailTemplates(
        links, Seller(name="Sample", email="sample@shop.example"), folder=Path(folder)
    )
    faults: list[str] = []
    for code in letters.languages:
        for kind, samples in sample_letters(code).items():
            for letter in samples:
                try:
                    letters.render(letter, message_id="sample@localhost", date=WRITTEN)
                except (TemplateError, TypeError, ValueError, LookupError, AttributeError) as fault:
                    faults.append(f"{code}.toml [{kind.value}]: {type(fault).__name__}: {fault}")
    if faults:
        raise Defect("its texts cannot be worded: " + "; ".join(dict.fromkeys(faults)))


def _environment(folder: Path | None) -> Environment:
    """Texts are worded without escaping and the layout escapes them once: what a person typed is never markup."""
    folders = [folder, BOX] if folder else [BOX]
    return Environment(
        loader=ChoiceLoader([FileSystemLoader(one) for one in folders]),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=False),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )

"""Texts of letters: one TOML file a language, some of them overridden by a folder of the shop's.

A file has a table for each kind of letter (`subject`, `title`, `preview`, `body`, `button`, `more`, `foot`) and one
of `words`. The texts are Jinja templates, so that each is checked with sample letters before a service starts.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from egpay.domain.errors import Defect
from egpay.domain.letters import LetterKind

BOX = Path(__file__).parent / "templates"
"""Where the layouts and the texts in the box are."""
LAYOUTS = ("letter.html.j2", "letter.txt.j2")


class Text(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Texts of one kind in one language; `body` and `more` are paragraphs, empty ones are left out."""

    subject: str
    title: str
    preview: str
    body: tuple[str, ...]
    button: str = ""
    more: tuple[str, ...] = ()
    foot: str = ""


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words of a language that all letters share; `date`, `each` and `every` are format strings."""

    greeting: str
    closing: str
    copy: str
    total: str
    parts: Mapping[str, str]
    trial: str
    send_to: str
    withdraw: str
    decimal: str
    date: str
    months: tuple[str, ...]
    each: Mapping[str, str]
    every: Mapping[str, str]


class Language(msgspec.Struct, frozen=True, kw_only=True):
    """One language: its words, and the texts of every kind."""

    code: str
    words: Words
    texts: Mapping[LetterKind, Text]


def load_languages(folder: Path | None = None) -> Mapping[str, Language]:
    """Load every language in the box, with what the shop's folder overrides or adds.

    Raises Defect that names each fault of the folder by file and table.
    """
    if folder is not None and not folder.is_dir():
        raise Defect("is no folder")
    tables = {code: table for code, _, table in _files(BOX)}
    faults: list[str] = []
    for code, name, table in _files(folder) if folder else ():
        if isinstance(table, str):
            faults.append(f"{name}: {table}")
        else:
            tables[code] = _merged(tables.get(code, {}), table)
    languages = {code: _language(code, table, faults) for code, table in tables.items()}
    if faults:
        raise Defect("cannot be used: " + "; ".join(faults))
    return {code: language for code, language in languages.items() if language}


def fold_language(locale: str | None, known: Mapping[str, Any], default: str) -> str:
    """The known language of a locale as browsers and people write it (`de-AT`, `de_AT`, `DE`), else the default."""
    code = (locale or "").replace("_", "-").split("-")[0].lower()
    return code if code in known else default


def _files(folder: Path) -> Iterator[tuple[str, str, Any]]:
    for path in sorted(folder.glob("*.toml")):
        try:
            yield path.stem, path.name, tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            yield path.stem, path.name, f"is no TOML ({fault})"
        except OSError as fault:
            yield path.stem, path.name, f"cannot be read ({fault.strerror})"


def _merged(known: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Each table of the file over the one in the box, key by key."""
    both = {
        name: {**known.get(name, {}), **table} if isinstance(table, dict) else table
        for name, table in given.items()
    }
    return {**known, **both}


def _language(code: str, table: Mapping[str, Any], faults: list[str]) -> Language | None:
    rest = dict(table)
    words = _converted(rest.pop("words", {}), Words, f"{code}.toml [words]", faults)
    texts = {
        kind: _converted(rest.pop(kind.value, {}), Text, f"{code}.toml [{kind.value}]", faults)
        for kind in LetterKind
    }
    faults += [f"{code}.toml [{name[:40]}]: is no kind of letter" for name in rest]
    whole = {kind: text for kind, text in texts.items() if text is not None}
    return Language(code=code, words=words, texts=whole) if words and len(whole) == len(texts) else None


def _converted(table: Any, kind: Any, place: str, faults: list[str]) -> Any:
    try:
        found = msgspec.convert(table, kind)
    except msgspec.ValidationError as fault:
        faults.append(f"{place}: {fault}")
        return None
    if isinstance(found, Words) and len(found.months) != 12:
        faults.append(f"{place}: months are not twelve")
    return found

"""The store's files keep what a page may rely on: small, strict, whole in both languages, readable in every light."""

import json
import re
import tomllib
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import pytest

import egpay_storefront
from egpay.domain.sale import SaleStatus
from egpay.domain.shipment import ShipmentStatus

SITE = Path(str(files(egpay_storefront) / egpay_storefront.FOLDER))
PAGES = sorted(SITE.glob("*.html"))
SCRIPTS = sorted([*SITE.glob("js/*.js"), SITE / "config.js"])
STYLES = sorted(SITE.glob("*.css"))
LANGUAGES = ("en", "de")
BUDGET = 60 * 1024
"""Bytes of all pages, styles and scripts, uncompressed."""


class _Tags(HTMLParser):
    def __init__(self, page: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(page.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append((self.tags[-1][0] if self.tags else "", data))


def _texts(language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((SITE / "texts" / f"{language}.json").read_text())
    return texts


def test_all_pages_styles_and_scripts_are_within_the_budget() -> None:
    assert sum(path.stat().st_size for path in (*PAGES, *STYLES, *SCRIPTS)) <= BUDGET


def test_the_store_page_is_within_the_budget_with_the_texts_of_a_language_too() -> None:
    script = {"store.js", *_imported("store.js")}
    loaded = [SITE / "index.html", *STYLES, SITE / "config.js", *(SITE / "js" / name for name in script)]
    for language in LANGUAGES:
        texts = (SITE / "texts" / f"{language}.json").stat().st_size
        assert sum(path.stat().st_size for path in loaded) + texts <= BUDGET


def _imported(script: str) -> set[str]:
    names = set(re.findall(r'from "\./([a-z]+\.js)"', (SITE / "js" / script).read_text()))
    return names.union(*(_imported(name) for name in names))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_runs_no_inline_code_and_loads_nothing_from_elsewhere(page: Path) -> None:
    found = _Tags(page)
    for tag, attributes in found.tags:
        assert tag != "style", page
        assert not [name for name in attributes if name == "style" or name.startswith("on")], (page, tag)
        if tag == "script":
            assert attributes["type"] == "module"
        for name in ("src", "href"):
            if (address := attributes.get(name)) is not None:
                assert address.startswith(("./", "#")), address
                assert _exists(address), address
    assert not [text for tag, text in found.texts if tag == "script" and text.strip()]


def _exists(address: str) -> bool:
    target = address.removeprefix("./") or "index"
    return address.startswith("#") or any((SITE / name).is_file() for name in (target, f"{target}.html"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_says_its_language_its_title_and_how_wide_it_is(page: Path) -> None:
    tags = _Tags(page).tags
    assert ("html", {"lang": "en"}) in tags
    assert "title" in {tag for tag, _ in tags}
    assert "width=device-width, initial-scale=1" in {attributes.get("content") for _, attributes in tags}


def test_no_script_or_style_reaches_elsewhere_or_makes_html_of_text() -> None:
    for path in (*SCRIPTS, *STYLES):
        code = "\n".join(line for line in path.read_text().splitlines() if not _is_comment(line))
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", code
        )
        assert not re.search(r"[\"'(]https?://[a-z]", code), path.name


def _is_comment(line: str) -> bool:
    return line.strip().startswith(("//", "/*", "*"))


def test_both_languages_have_the_same_texts_with_the_same_places() -> None:
    en, de = _texts("en"), _texts("de")
    assert list(en) == list(de)
    assert {key: _places(text) for key, text in en.items()} == {
        key: _places(text) for key, text in de.items()
    }
    assert [key for key, text in (*en.items(), *de.items()) if not text.strip()] == []


def _places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_the_texts_in_the_pages_are_those_of_the_english_file() -> None:
    texts = _texts("en")
    written = re.findall(r'data-t="([^"]+)"[^>]*>([^<]+)<', (SITE / "index.html").read_text())
    assert written
    assert {key: text for key, text in written if texts[key] != text} == {}


def test_every_text_that_is_named_exists_and_every_one_that_exists_is_named() -> None:
    code = "\n".join(path.read_text() for path in (*SCRIPTS, *PAGES))
    texts = _texts("en")
    literal = set(re.findall(r'(?:data-t="|\bt\(")([a-z][\w.-]*)"', code))
    assert literal - texts.keys() == set()
    made_up = tuple(re.findall(r"`([a-z]+[.a-z-]*)\$\{", code))
    named = {key for key in texts if f'"{key}"' in code}
    more = {f"{key}.more" for key in named}
    unused = [key for key in texts.keys() - named - more if not key.startswith(made_up)]
    assert unused == []


def test_every_picture_of_the_demonstration_is_here() -> None:
    catalogue = tomllib.loads((Path(__file__).resolve().parents[2] / "deploy/catalogue.toml").read_text())
    pictures = {product["image"] for product in catalogue["product"]}
    assert [picture for picture in pictures if not (SITE / picture).is_file()] == []


def test_every_state_of_a_sale_and_of_a_parcel_has_its_words() -> None:
    texts = _texts("en").keys()
    for status in SaleStatus:
        assert {f"order.{status}", f"order.{status}.more", f"step.{status}"} <= texts
    assert {f"parcel.{status}" for status in ShipmentStatus} <= texts


@pytest.mark.parametrize(
    ("ink", "ground"),
    [("ink", "ground"), ("ink", "surface"), ("ink", "tint"), ("quiet", "ground"), ("quiet", "surface"),
     ("quiet", "tint"), ("accent", "ground"), ("accent", "surface"), ("accent", "tint"), ("on-accent", "accent"),
     ("bad", "surface"), ("bad", "bad-tint"), ("ink", "bad-tint"), ("good", "surface")],
)  # fmt: skip
def test_a_pair_of_text_and_ground_can_be_read_by_day_and_night(ink: str, ground: str) -> None:
    for colours in _schemes():
        assert _contrast(colours[ink], colours[ground]) >= 4.5


def test_the_edge_of_a_field_can_be_seen_by_day_and_night() -> None:
    for colours in _schemes():
        assert _contrast(colours["edge"], colours["surface"]) >= 3
        assert _contrast(colours["edge"], colours["ground"]) >= 3


def _schemes() -> Iterator[dict[str, str]]:
    day, night = (SITE / "brand.css").read_text().split("@media")
    for block in (day, night):
        yield dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", block))


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_server_sends_its_settings_as_the_file_has_them() -> None:
    names = re.findall(r"^export const (\w+)", (SITE / egpay_storefront.CONFIG).read_text(), re.MULTILINE)
    sent = egpay_storefront.config_script(payments=("card", "invoice"), sells_to="businesses")
    assert sent.splitlines() == [
        'export const API = "";',
        'export const PAYMENTS = ["card", "invoice"];',
        'export const SELLS_TO = "businesses";',
    ]
    assert [line.split()[2] for line in sent.splitlines()] == names

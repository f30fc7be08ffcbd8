"""HTML form parser: finds on a payment page the form that pays, its values and its empty fields."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_NOT_FILLED = {"submit", "button", "reset", "image", "file"}


@dataclass(slots=True)
class Form:
    """One form of a page."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)

    def fields_for_button(self, words: str) -> dict[str, str] | None:
        """Returns what the button with these words would send; None without such a button."""
        for name, value, label in self.buttons:
            if words.lower() in f"{value} {label}".lower():
                return {**self.fields, **({name: value} if name else {})}
        return None


class _FormParser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._button: tuple[str, str] | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif not self.forms:
            return
        elif tag == "button":
            self._button = given.get("name", ""), given.get("value", "")
            self.forms[-1].buttons.append((*self._button, ""))
        elif tag == "input":
            self._input(given)
        elif tag == "select":
            self._select = given.get("name")
        elif tag == "option" and self._select:
            self._option(self._select, given)

    def handle_data(self, data: str) -> None:
        if self._button is not None:
            name, value, label = self.forms[-1].buttons[-1]
            self.forms[-1].buttons[-1] = name, value, f"{label} {data}".strip()

    def handle_endtag(self, tag: str) -> None:
        if tag == "button":
            self._button = None
        elif tag == "select":
            self._select = None

    def _input(self, given: dict[str, str]) -> None:
        kind, name, value = given.get("type", "text"), given.get("name", ""), given.get("value", "")
        if kind == "submit":
            self.forms[-1].buttons.append((name, value, ""))
        elif kind in {"radio", "checkbox"} and "checked" not in given:
            return
        elif name and kind not in _NOT_FILLED:
            self.forms[-1].fields[name] = value or ("on" if kind == "checkbox" else "")

    def _option(self, name: str, given: dict[str, str]) -> None:
        if "selected" in given or name not in self.forms[-1].fields:
            self.forms[-1].fields[name] = given.get("value", "")


def parse_forms(html: str) -> list[Form]:
    """Parses every form of the page, in its order."""
    parser = _FormParser()
    parser.feed(html)
    return parser.forms

"""Page rendering: strict Jinja templates that escape everything and load nothing foreign."""

from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException

from egpay_sandbox.stripe.currencies import minor_digits, whole_units

_ENVIRONMENT = Environment(
    loader=PackageLoader("egpay_sandbox.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STATIC = files("egpay_sandbox.pages") / "static"
_CSS = (_STATIC / "sandbox.css").read_text()
_ICON = (_STATIC / "favicon.svg").read_text()


def render_page(
    template: str,
    *,
    status: int = 200,
    form_targets: tuple[str | None, ...] = (),
    **values: object,
) -> Response[str]:
    """Renders a page under a Content Security Policy of its own, without scripts.

    Browsers apply `form-action` to redirects as well, so `form_targets` names every place a form may lead to.
    """
    origins = " ".join(sorted({_origin(url) for url in form_targets if url}))
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {origins}".strip()
    )
    return Response(
        _ENVIRONMENT.get_template(template).render(**values),
        status_code=status,
        media_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        },
    )


def render_not_found(text: str) -> Response[str]:
    """Renders the page of what does not exist."""
    return render_page(
        "ended.html", status=404, title="Not found", text=text, for_buyer=False, back="", back_text=""
    )


def render_ended(
    status: int, title: str, text: str, *, back: str | None, back_text: str = "Back to the shop"
) -> Response[str]:
    """Renders a buyer's page on which nothing can be done any more, with the way from there."""
    return render_page(
        "ended.html",
        status=status,
        title=title,
        text=text,
        for_buyer=True,
        back=back or "",
        back_text=back_text,
    )


def missing_page(_: Request[Any, Any, State], __: NotFoundException) -> Response[str]:
    """Shows that nothing is at an address, and where a buyer's pages are that some look for here."""
    return render_not_found(
        "There is no such page. The pages of a store, such as /success, are at STOREFRONT_URL: "
        "checkout-api serves them with STOREFRONT=on."
    )


def see_other(url: str) -> Response[None]:
    """Redirects with 303."""
    return Response(None, status_code=303, headers={"Location": url})


@get("/static/sandbox.css", sync_to_thread=False)
def stylesheet() -> Response[str]:
    """Serves the stylesheet."""
    return Response(_CSS, media_type="text/css; charset=utf-8")


@get(["/static/favicon.svg", "/favicon.ico"], sync_to_thread=False)
def favicon() -> Response[str]:
    """Serves the icon, also to browsers that ask for it by its old name."""
    return Response(_ICON, media_type="image/svg+xml")


def format_money(amount: int, currency: str) -> str:
    """Formats minor units with the currency's own digits: `12.50 EUR`, `1,250 JPY`, `1.250 KWD`."""
    digits = minor_digits(currency)
    shown = 0 if whole_units(currency) else digits
    text = f"{abs(Decimal(amount).scaleb(-digits)):,.{shown}f} {currency.upper()}"
    return f"\N{MINUS SIGN}{text}" if amount < 0 else text


def format_time(second: float | None) -> str:
    """Formats Unix seconds as a person reads them, in UTC."""
    return "" if second is None else datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M:%S")


def format_clock(rfc3339: str) -> str:
    """Formats a time in RFC 3339 as a person reads it."""
    return format_time(datetime.fromisoformat(rfc3339).timestamp())


def format_day(second: float | None) -> str:
    """Formats the day of Unix seconds in words, in UTC: `3 May 2027`."""
    if second is None:
        return ""
    day = datetime.fromtimestamp(second, UTC)
    return f"{day.day} {day:%B %Y}"


def format_interval(interval: str | None, count: int = 1) -> str:
    """Formats how often a price is paid: `per month`, `every 3 months`; nothing for a one-time price."""
    if interval is None:
        return ""
    return f"per {interval}" if count == 1 else f"every {count} {interval}s"


def format_count(quantity: int, what: str) -> str:
    """Formats how many of something: the number, the sign of multiplication, the thing."""
    return f"{quantity} \N{MULTIPLICATION SIGN} {what}".strip()


def format_words(name: str) -> str:
    """Formats a name of the API as words: `past_due` is `past due`."""
    return name.replace("_", " ")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


_ENVIRONMENT.filters |= {
    "money": format_money,
    "moment": format_time,
    "clock": format_clock,
    "day": format_day,
    "interval": format_interval,
    "words": format_words,
}

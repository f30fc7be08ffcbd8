"""Page rendering: strict Jinja templates that escape everything and load nothing foreign."""

from datetime import UTC, datetime
from importlib.resources import files
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response, get

_ENVIRONMENT = Environment(
    loader=PackageLoader("egpay_sandbox.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_CSS = (files("egpay_sandbox.pages") / "static" / "sandbox.css").read_text()


def render_page(
    template: str,
    *,
    status: int = 200,
    form_targets: tuple[str | None, ...] = (),
    scripts: bool = False,
    **values: object,
) -> Response[str]:
    """Renders a page under a Content Security Policy of its own.

    Browsers apply `form-action` to redirects as well, so `form_targets` names every place a form may lead to.
    `scripts` lets a page load those of this origin; the others get none.
    """
    allowed = "script-src 'self'; " if scripts else ""
    origins = " ".join(sorted({_origin(url) for url in form_targets if url}))
    policy = (
        f"default-src 'none'; {allowed}style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; "
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


def see_other(url: str) -> Response[None]:
    """Redirects with 303."""
    return Response(None, status_code=303, headers={"Location": url})


@get("/static/sandbox.css", sync_to_thread=False)
def stylesheet() -> Response[str]:
    """Serves the stylesheet."""
    return Response(_CSS, media_type="text/css; charset=utf-8")


def format_money(amount: int, currency: str) -> str:
    """Formats minor units as a person reads them: `12.50 EUR`."""
    return f"{amount / 100:,.2f} {currency.upper()}"


def format_time(second: float | None) -> str:
    """Formats Unix seconds as a person reads them, in UTC."""
    return "" if second is None else datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


_ENVIRONMENT.filters["money"] = format_money
_ENVIRONMENT.filters["moment"] = format_time

"""Refusal page: what a person reads in a browser where a link leads nowhere now, in place of the problem.

Links of letters and of the order's page are opened by people, whom a problem in JSON tells nothing.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from litestar import MediaType, Request, Response

from checkout_api.http.problem_types import kind_of
from checkout_api.http.problems import problem_response, to_response
from checkout_api.http.routes.leading import PRIVATE

STORE = "storefront_url"
"""Where the application's state holds the address of the store."""

_TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {
        "link-gone": (
            "This link does not work, or not any more",
            "A link to manage a subscription works once, for 30 minutes. Please ask for a new one where you asked for"
            " this.",
        ),
        "not-found": ("There is nothing here", "Please open the link once more, and all of it."),
        "already-subscribed": (
            "You have a subscription already",
            "Change it under \u201cMy subscription\u201d, or order devices alone.",
        ),
        "later": ("This does not work at the moment", "Nothing is lost. Please try again in a minute."),
        "other": ("This did not work", "Please write to the seller; trying again does not help."),
        "store": ("To the store", ""),
    },
    "de": {
        "link-gone": (
            "Dieser Link funktioniert nicht oder nicht mehr",
            "Ein Link zum Verwalten eines Abonnements funktioniert einmal und 30 Minuten lang. Bitte fordern Sie einen"
            " neuen an, wo Sie diesen angefordert haben.",
        ),
        "not-found": (
            "Hier ist nichts",
            "Bitte \u00f6ffnen Sie den Link noch einmal, und zwar vollst\u00e4ndig.",
        ),
        "already-subscribed": (
            "Sie haben schon ein Abonnement",
            "\u00c4ndern Sie es unter \u201eMein Abonnement\u201c, oder bestellen Sie nur Ger\u00e4te.",
        ),
        "later": (
            "Das geht im Moment nicht",
            "Nichts ist verloren. Bitte versuchen Sie es in einer Minute noch einmal.",
        ),
        "other": (
            "Das hat nicht geklappt",
            "Bitte schreiben Sie dem Verk\u00e4ufer; ein neuer Versuch hilft nicht.",
        ),
        "store": ("Zum Shop", ""),
    },
}
_PAGE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title>
<main><h1>{title}</h1>
<p>{text}</p>
<p><a href="{store}">{way}</a></p></main>
</html>
"""


def to_person(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Build the response of a route that people open: a page for a browser, the problem for a program."""
    if "text/html" not in request.headers.get("accept", ""):
        return to_response(request, error)
    answer, kind = problem_response(request.scope, error), kind_of(error)
    language = _language(request.headers.get("accept-language", ""))
    texts = _TEXTS[language]
    title, text = texts.get(kind.word) or texts["later" if answer.status in (429, 500, 503) else "other"]
    page = _PAGE.format(
        language=language,
        title=title,
        text=text,
        store=escape(request.app.state[STORE]),
        way=texts["store"][0],
    )
    headers = {**answer.headers, **PRIVATE, "content-security-policy": "default-src 'none'"}
    return Response(page, status_code=answer.status, media_type=MediaType.HTML, headers=headers)


def _language(accepted: str) -> str:
    """The first language that a browser names and that there is; browsers name the preferred one first."""
    tags = (part.partition(";")[0].strip().lower().partition("-")[0] for part in accepted.split(","))
    return next((tag for tag in tags if tag in _TEXTS), "en")

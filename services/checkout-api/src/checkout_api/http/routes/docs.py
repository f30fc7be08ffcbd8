"""Documentation routes: OpenAPI and its page, all assets served from here and none from elsewhere."""

from importlib.resources import files
from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from checkout_api.http.problem_types import KINDS

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


@get("/openapi.json")
async def openapi(description: NamedDependency[dict[str, Any]]) -> dict[str, Any]:
    """Serve the OpenAPI 3.1 document."""
    return description


@get("/docs")
async def docs() -> Response[bytes]:
    """Serve the document as a page."""
    return _asset("page.html", "text/html")


@get(["/docs/page.js", "/docs/parts.js", "/docs/try.js"])
async def docs_script(request: Request[Any, Any, State]) -> Response[bytes]:
    """Serve a script of the page: it renders the document, and sends what is typed there."""
    return _asset(request.url.path.rpartition("/")[2], "text/javascript")


@get("/docs/page.css")
async def docs_style() -> Response[bytes]:
    """Serve the style of the page."""
    return _asset("page.css", "text/css")


@get("/problems/{word:str}", media_type=MediaType.TEXT)
async def problem(word: FromPath[str]) -> str:
    """Explain a problem; its `type` in an error leads here."""
    kind = KINDS.get(word)
    if kind is None:
        raise NotFoundException
    return f"{kind.status} {kind.title}\n\n{kind.explanation}\n"


def _asset(name: str, media_type: str) -> Response[bytes]:
    content = (files("checkout_api.http.openapi") / name).read_bytes()
    headers = {"content-security-policy": _POLICY, "x-content-type-options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)

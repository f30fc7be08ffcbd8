"""Static site: the files of the storefront's package under clean paths, read once at the start.

Every file is a route of its own, so that no path leads anywhere else and metrics name each. A page is revalidated at
each visit (its name does not change with its content), an image is fresh for an hour.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable
from importlib.util import find_spec
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler

from checkout_api.http.caching import revalidated

PACKAGE = "egpay_storefront"
FOLDER = "site"
CONFIG = "/config.js"

MEDIA_TYPES = {
    "css": "text/css",
    "html": "text/html",
    "ico": "image/x-icon",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "webmanifest": "application/manifest+json",
    "webp": "image/webp",
    "woff2": "font/woff2",
}
"""Kinds of files that a site may have; any other is not served."""

_SAFE = {
    "content-security-policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "font-src 'self'",
            "img-src 'self' https:",  # products may have their pictures on a host of the seller's
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "referrer-policy": "no-referrer",  # an address holds the id of a sale
    "x-content-type-options": "nosniff",
}
_REVALIDATED = "no-cache"
_FRESH = "public, max-age=3600"


class SiteFile(msgspec.Struct, frozen=True):
    """One file: its bytes, its media type, and whether a cache may use it without asking."""

    body: bytes
    media_type: str
    caching: str


def check_installed(text: str, package: str = PACKAGE) -> None:
    """Setting check: `on` needs the package with the files, which a shop of its own can leave out."""
    if text == "on" and find_spec(package) is None:
        raise ValueError("is on, but the package egpay-storefront is not installed")


def load_storefront(*, sells_to: str, package: str = PACKAGE) -> dict[str, SiteFile]:
    """Read the site of the storefront's package; its `config.js` is made from the settings, by the package itself."""
    config: str = import_module(package).config_script(sells_to=sells_to)
    made = SiteFile(config.encode(), MEDIA_TYPES["js"], _REVALIDATED)
    return {**load_site(files(package) / FOLDER), CONFIG: made}


def load_site(folder: Traversable) -> dict[str, SiteFile]:
    """Read every file by the path under which it is served: `success.html` is `/success`, `index.html` is `/`."""
    return dict(_walk(folder, ""))


def _walk(folder: Traversable, above: str) -> Iterator[tuple[str, SiteFile]]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        path = f"{above}/{entry.name}"
        if entry.name.startswith((".", "_")):
            continue
        if entry.is_dir():
            yield from _walk(entry, path)
            continue
        ending = entry.name.rpartition(".")[2]
        if media_type := MEDIA_TYPES.get(ending):
            fresh = media_type.startswith(("image/", "font/"))
            shown = path.removesuffix(".html").removesuffix("/index") or "/"
            yield shown, SiteFile(entry.read_bytes(), media_type, _FRESH if fresh else _REVALIDATED)


def site_route(site: Mapping[str, SiteFile]) -> HTTPRouteHandler:
    """Build the route that serves the site, but for its start page, which `/` answers."""

    @get(sorted(site.keys() - {"/"}), sync_to_thread=False)
    def storefront(request: Request[Any, Any, State]) -> Response[bytes]:
        path = request.scope["path"].rstrip("/")
        typed = request.scope["raw_path"].decode("latin-1")
        if slashes := len(typed) - len(typed.rstrip("/")):
            return _without_slashes(path, slashes, request.scope["query_string"].decode("latin-1"))
        return serve(request.headers, site[path])

    return storefront


def _without_slashes(path: str, slashes: int, query: str) -> Response[bytes]:
    """Redirect to the file's own address, from which the links of a page lead on."""
    address = "../" * slashes + path.rpartition("/")[2]
    headers = {**_SAFE, "location": f"{address}?{query}" if query else address}
    return Response(b"", status_code=308, media_type=MediaType.TEXT, headers=headers)


def serve(asked: Mapping[str, str], file: SiteFile) -> Response[bytes]:
    """Answer with a file, or 304 to a browser that has it."""
    return revalidated(asked, file.body, caching=file.caching, media_type=file.media_type, headers=_SAFE)

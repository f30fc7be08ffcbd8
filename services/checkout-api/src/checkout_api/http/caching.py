"""HTTP caching: strong entity tags, and 304 for a caller that names one (RFC 9110, 13)."""

import hashlib
from collections.abc import Mapping

from litestar import MediaType, Response


def entity_tag(body: bytes) -> str:
    """The strong entity tag of these bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def is_known(tag: str, told: str) -> bool:
    """Whether `If-None-Match` names this tag, compared weakly (RFC 9110, 13.1.2)."""
    return told.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in told.split(","))


def revalidated(
    asked: Mapping[str, str],
    body: bytes,
    *,
    caching: str,
    media_type: str = MediaType.JSON,
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    """Answer with the body and its tag, or 304 without a body to a caller that has it already."""
    tag = entity_tag(body)
    sent = {**(headers or {}), "etag": tag, "cache-control": caching}
    if is_known(tag, asked.get("if-none-match", "")):
        return Response(b"", status_code=304, headers=sent, media_type=media_type)
    return Response(body, headers=sent, media_type=media_type)

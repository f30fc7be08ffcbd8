"""Take in a request's body, but never more of it, nor for longer, than an honest sender needs."""

import asyncio
from collections.abc import Mapping

import msgspec
from litestar.types import Receive

from checkout_api.http_refusals import BodyTooLarge, BodyTooSlow, MalformedBody, UnsupportedMediaType


async def read_body(
    receive: Receive, headers: Mapping[str, str], *, limit: int, patience: float = 10.0
) -> bytes:
    """The exact bytes, at most `limit` of them, within `patience` seconds; the declared length is checked before
    the first byte and the true one while it comes. Raises BodyTooLarge or BodyTooSlow."""
    declared = headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and (len(declared) > 12 or int(declared) > limit):
        raise BodyTooLarge(f"the body may have {limit} bytes")
    try:
        async with asyncio.timeout(patience):
            return await _collect(receive, limit)
    except TimeoutError:
        raise BodyTooSlow("the body did not arrive in time") from None


async def _collect(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise BodyTooSlow("the sender hung up")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge(f"the body may have {limit} bytes")
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


async def read_json(receive: Receive, headers: Mapping[str, str], *, limit: int) -> object:
    """The body as decoded JSON. Raises UnsupportedMediaType, MalformedBody, and what `read_body` raises."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType("send the order as application/json")
    body = await read_body(receive, headers, limit=limit)
    try:
        decoded: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedBody("the body is not JSON") from None
    return decoded

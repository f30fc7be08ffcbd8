"""Take in a request's body, but never more of it, nor for longer, than an honest sender needs."""

import asyncio
from collections.abc import Mapping
from typing import cast

import msgspec
from litestar.types import Receive

from checkout_api.http.deadline import Deadlines
from checkout_api.http.request_errors import BodyTooLarge, BodyTooSlow, MalformedBody, UnsupportedMediaType


async def read_body(
    receive: Receive, headers: Mapping[str, str], *, limit: int, patience: float = 10.0
) -> bytes:
    """As `take_body`, for a route that is not asked often."""
    return await take_body(receive, headers, limit=limit, patience=Deadlines(patience), whole=False)


async def take_body(
    receive: Receive, headers: Mapping[str, str], *, limit: int, patience: Deadlines, whole: bool
) -> bytes:
    """The exact bytes, at most `limit` of them, for as long as patience lasts; the declared length is checked before
    the first byte and the true one while it comes. `whole`: it has all come already, so there is nothing to wait
    for. Raises BodyTooLarge or BodyTooSlow."""
    if whole:
        return await _collect(receive, limit)
    declared = headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and (len(declared) > 12 or int(declared) > limit):
        raise BodyTooLarge(f"the body may have {limit} bytes")
    reading = cast("asyncio.Task[object]", asyncio.current_task(patience.loop()))
    turn = patience.begin(reading.cancel)
    try:
        return await _collect(receive, limit)
    except asyncio.CancelledError:
        if turn.given_up and not reading.uncancel():
            raise BodyTooSlow("the body did not arrive in time") from None
        raise
    finally:
        turn.end()


async def _collect(receive: Receive, limit: int) -> bytes:
    chunks: list[bytes] = []
    left = limit
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise BodyTooSlow("the sender hung up")
        chunk = message.get("body", b"")
        left -= len(chunk)
        if left < 0:
            raise BodyTooLarge(f"the body may have {limit} bytes")
        if not message.get("more_body", False):
            return b"".join((*chunks, chunk)) if chunks else chunk
        chunks.append(chunk)


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

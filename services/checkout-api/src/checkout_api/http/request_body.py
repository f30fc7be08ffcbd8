"""Request body reader: reads at most `limit` bytes within a deadline, so that no sender ties it up."""

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
    """Read a body with a deadline of its own; enough on a route without much load."""
    return await take_body(receive, headers, limit=limit, patience=Deadlines(patience), whole=False)


async def take_body(
    receive: Receive, headers: Mapping[str, str], *, limit: int, patience: Deadlines, whole: bool
) -> bytes:
    """Read the exact bytes of a body, at most `limit`, within the deadline.

    The declared length is checked before the first byte, the true one while it arrives. `whole`: the body has arrived
    already, so no deadline is needed. Raises BodyTooLarge or BodyTooSlow.
    """
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
    """Decode a JSON body. Raises UnsupportedMediaType, MalformedBody, and what `read_body` raises."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType("send the order as application/json")
    body = await read_body(receive, headers, limit=limit)
    try:
        decoded: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedBody("the body is not JSON") from None
    return decoded

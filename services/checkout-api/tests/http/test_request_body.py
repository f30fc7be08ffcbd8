"""A body is taken in up to a size and a time, and no further."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from litestar.types import HTTPReceiveMessage, Receive

from checkout_api.http.request_errors import BodyTooLarge, BodyTooSlow
from checkout_api.http.request_limits import read_body


def sender(*messages: HTTPReceiveMessage) -> Receive:
    """Say these messages, and then nothing for ever."""

    async def speech() -> AsyncIterator[HTTPReceiveMessage]:
        for message in messages:
            yield message
        await asyncio.Event().wait()

    spoken = speech()
    return lambda: anext(spoken)


def part(content: bytes, *, more: bool) -> HTTPReceiveMessage:
    return {"type": "http.request", "body": content, "more_body": more}


async def test_parts_are_put_together() -> None:
    assert await read_body(sender(part(b"ab", more=True), part(b"c", more=False)), {}, limit=3) == b"abc"


async def test_a_declared_length_is_believed_before_the_first_byte() -> None:
    for declared in ("4", "9" * 400):
        with pytest.raises(BodyTooLarge):
            await read_body(sender(), {"content-length": declared}, limit=3, patience=60)


async def test_a_declared_length_that_is_no_number_is_not_believed() -> None:
    for declared in ("-1", "x", "", "²"):
        read = await read_body(sender(part(b"abc", more=False)), {"content-length": declared}, limit=3)
        assert read == b"abc"


async def test_the_true_length_counts() -> None:
    with pytest.raises(BodyTooLarge):
        await read_body(
            sender(part(b"ab", more=True), part(b"cd", more=True)), {"content-length": "2"}, limit=3
        )


async def test_a_body_that_trickles_is_given_up() -> None:
    with pytest.raises(BodyTooSlow):
        await read_body(sender(part(b"a", more=True)), {}, limit=3, patience=0.02)


async def test_a_sender_that_hangs_up_is_not_waited_for() -> None:
    with pytest.raises(BodyTooSlow):
        await read_body(sender(part(b"a", more=True), {"type": "http.disconnect"}), {}, limit=3, patience=60)

"""Request limits: orders of a client in a minute, seconds for a request, bytes of a body.

One timer serves all deadlines: one of its own for each (asyncio.timeout) costs as much as verifying a webhook's
signature.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from typing import cast

import msgspec
from litestar.types import Receive

from checkout_api.http.request_errors import (
    BodyTooLarge,
    BodyTooSlow,
    MalformedBody,
    RateLimited,
    UnsupportedMediaType,
)

_ADDRESSES = 10_000


class ClientRateLimiter:
    """Token bucket of `per_minute` orders for each address, refilled steadily; 0 lifts the limit.

    It is per process and holds the 10,000 addresses seen last, so that scripts cannot fill the order book nor the
    memory. `now` counts in seconds from any start.
    """

    def __init__(self, per_minute: int, *, now: Callable[[], float]) -> None:
        """Start with full buckets."""
        self._per_minute = per_minute
        self._now = now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> None:
        """Take one token out of the address's bucket; raises RateLimited when it is empty."""
        if self._per_minute == 0:
            return
        now, rate = self._now(), self._per_minute / 60
        level, then = self._buckets.pop(address, (float(self._per_minute), now))
        level = min(self._per_minute, level + (now - then) * rate)
        self._buckets[address] = (level - 1 if level >= 1 else level, now)
        if len(self._buckets) > _ADDRESSES:
            self._buckets.popitem(last=False)
        if level < 1:
            raise RateLimited((1 - level) / rate)


class Deadline:
    """Deadline of one operation; `given_up` says that it has expired."""

    __slots__ = ("ended", "give_up", "given_up", "until")

    def __init__(self, until: float, give_up: Callable[[], object]) -> None:
        """Expire at `until` by the event loop's clock, and call `give_up` then."""
        self.until, self.give_up = until, give_up
        self.ended = self.given_up = False

    def end(self) -> None:
        """Finish: the operation ended, in time or not, so the deadline does nothing more."""
        self.ended = True


class Deadlines:
    """Deadlines of `seconds` each under one timer; of one event loop, made before it runs or within it."""

    def __init__(self, seconds: float) -> None:
        """Start without a deadline and without a timer."""
        self._seconds = seconds
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turns: deque[Deadline] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, give_up: Callable[[], object]) -> Deadline:
        """Start a deadline; it calls `give_up` unless it is ended in time."""
        loop, turns = self.loop(), self._turns
        while turns and turns[0].ended:
            turns.popleft()
        turn = Deadline(loop.time() + self._seconds, give_up)
        turns.append(turn)
        if self._timer is None:
            self._timer = loop.call_at(turn.until, self._look, loop)
        return turn

    def loop(self) -> asyncio.AbstractEventLoop:
        """Event loop, cached because each look-up in Python 3.11 asks the kernel for the process id."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now, turns = loop.time(), self._turns
        while turns and (turns[0].ended or turns[0].until <= now):
            turn = turns.popleft()
            if not turn.ended:
                turn.ended = turn.given_up = True
                turn.give_up()
        self._timer = loop.call_at(turns[0].until, self._look, loop) if turns else None


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

"""Rate-limited Stripe: bears 20 questions a second, answers 429 beyond, and has no other fault."""

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

PER_SECOND = 20


@dataclass(slots=True)
class RateLimitedStripe:
    """`truth` holds each subscription's state; `asked` and `refused` count the questions about them."""

    truth: Mapping[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    refused: int = 0
    url: str = ""
    _tokens: float = 0.0
    _filled: float = field(default_factory=time.monotonic)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection, until the caller closes it."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1].decode().partition("?")[0]
                writer.write(self._answer(path))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _answer(self, path: str) -> bytes:
        subscription = path.removeprefix("/v1/subscriptions/")
        if subscription not in self.truth:
            return _http(404, {"error": {"type": "invalid_request_error", "code": "resource_missing"}})
        self.asked.append(subscription)
        now = time.monotonic()
        self._tokens = min(PER_SECOND, self._tokens + (now - self._filled) * PER_SECOND)
        self._filled = now
        if self._tokens < 1 or len(self.asked) <= 3:  # at least once, however gently we are asked
            self.refused += 1
            return _http(429, {"error": {"type": "rate_limit_error", "code": "rate_limit"}}, "retry-after: 1")
        self._tokens -= 1
        return _http(200, self.truth[subscription])


@contextmanager
def rate_limited_stripe() -> Iterator[RateLimitedStripe]:
    """Listens until the block ends, in a thread of its own because a test may block."""
    stripe, loop = RateLimitedStripe(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="rate-limited stripe", daemon=True)
    thread.start()
    starting = asyncio.start_server(stripe.serve, "127.0.0.1", 0)
    server = asyncio.run_coroutine_threadsafe(starting, loop).result(10)
    stripe.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield stripe
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _http(status: int, content: object, *headers: str) -> bytes:
    body = msgspec.json.encode(content)
    lines = [f"HTTP/1.1 {status} Said", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body

"""A slow or endless request costs its sender a connection, and us next to nothing.

uvicorn reads as much as comes before the headers are complete, and waits for ever for what does not come. Here a
request line with its headers may take 64 KiB and 15 s, its body 60 s, give or take a look. Of a body that the
application does not read, 64 KiB are kept and the rest stays with the sender (uvicorn's flow control); how large a
body may be is for the application to say, which knows what it expects, but nothing goes on beyond 8 MiB. A hundred
requests may wait for their turn on one connection, and an answer that is not taken is given up like a body.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD = 65_536
LARGEST_REQUEST = 8 * 1024 * 1024
MOST_PIPELINED = 100
# RFC 6585 §5
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"

_WHOLE = "egpay.whole"


def came_whole(scope: Mapping[str, Any]) -> bool:
    """Whether all of a request, with its body, was there when the application was called: our extension of ASGI's
    scope. What says nothing of the kind may still be whole."""
    return _WHOLE in scope.get("extensions", ())


class BoundedHttp(HttpToolsProtocol):
    """HTTP/1.1 with an end to what one connection may send and how long it may take.

    One timer for each connection looks after it, `looks` times in the shortest of its time limits, so that a request
    sets none; uvicorn would set one for the pause after each answer.
    """

    head_seconds = 15.0
    body_seconds = 60.0
    looks = 4

    def __init__(self, *args: Any, **options: Any) -> None:
        """As uvicorn makes it."""
        super().__init__(*args, **options)
        self._message: Any = None
        self._read = 0
        self._whole_head = False
        self._since = self.loop.time()
        self._watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first request is due."""
        super().connection_made(transport)
        self._look_after()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more is due."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a request that is still not complete, and hang up on who sends without end."""
        super().data_received(data)
        if self.scope is not self._message:
            self._message, self._read, self._whole_head = self.scope, 0, False
            self._since = self.loop.time()
        else:  # what came before it in the same piece belongs to others
            self._read += len(data)
        if self._read > LARGEST_REQUEST or len(self.pipeline) > MOST_PIPELINED:
            self.transport.close()
        elif self._head_is_complete():
            if not self._whole_head:
                self._whole_head, self._since = True, self.loop.time()
                if not self.cycle.more_body:
                    self.scope["extensions"] = {_WHOLE: {}}
        elif self._read > LARGEST_HEAD and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_response_complete(self) -> None:
        """As uvicorn, without its timer."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        self._since = self.loop.time()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    def _head_is_complete(self) -> bool:
        """uvicorn begins a scope with each request, and a cycle when its headers are complete."""
        return self.cycle is not None and self.cycle.scope is self.scope

    def _look_after(self) -> None:
        """Hang up on who has kept us waiting too long."""
        limit = self._limit()
        if limit is not None and self.loop.time() >= self._since + limit:
            # one that is closing waits for what is still to be sent, and that is not taken either
            if self.transport.is_closing():
                self.transport.abort()
            else:
                self.transport.close()
        shortest = min(self.head_seconds, self.body_seconds, self.timeout_keep_alive)
        self._watch = self.loop.call_later(shortest / self.looks, self._look_after)

    def _limit(self) -> float | None:
        """Seconds that may pass from the last step of this connection to its next; None while that step is ours."""
        if self.flow.write_paused:
            return self.body_seconds
        if not self._head_is_complete():
            return self.head_seconds
        if self.cycle.response_complete:
            return self.timeout_keep_alive
        return self.body_seconds if self.cycle.more_body else None

"""Bounded HTTP: limits size and time of requests, because uvicorn reads and waits without limit.

uvicorn reads headers of any size and waits without a deadline for the rest. Here a request line with its
headers may take 64 KiB and 15 s, its body 60 s, plus the interval between two checks. Of a body that the
application does not read, 64 KiB are buffered and the rest stays with the sender (uvicorn's flow control).
The application limits the size of a body, because it has the schema; 8 MiB is the hard limit. A hundred
requests may be pipelined on one connection, and a response that the client does not read is dropped after the
time of a body. What is not HTTP is answered 400 and logged once a minute, with its number.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from egpay.runtime.serving.malformed_requests import MalformedRequests

LARGEST_HEAD = 65_536
LARGEST_REQUEST = 8 * 1024 * 1024
MOST_PIPELINED = 100
# RFC 6585 §5
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"

_WHOLE = "egpay.whole"

ON_STOP = "egpay.on_stop"
"""Key in the state of an ASGI lifespan: a function that the server calls when it stops, before it waits for the
requests in flight, so that those which wait for news are answered at once."""


def body_complete(scope: Mapping[str, Any]) -> bool:
    """Whether the whole body of a request was received before the application was called.

    An extension of ours to the ASGI scope says so. Without it the body may still be complete.
    """
    return _WHOLE in scope.get("extensions", ())


class BoundedHttp(HttpToolsProtocol):
    """Bounded HTTP/1.1: limits what one connection may send and how long it may take.

    One timer per connection checks it `looks` times within the shortest of its time limits, so that no
    request sets a timer; uvicorn would set one for the keep-alive after each response.
    """

    head_seconds = 15.0
    body_seconds = 60.0
    looks = 4
    malformed = MalformedRequests()

    def __init__(self, *args: Any, **options: Any) -> None:
        """Start without a request."""
        super().__init__(*args, **options)
        self._message: Any = None
        self._read = 0
        self._whole_head = False
        self._since = self.loop.time()
        self._watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer for the first request."""
        super().connection_made(transport)
        self._look_after()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count the bytes of an incomplete request, and close the connection beyond a limit."""
        if not self._parse(data):
            return
        if self.scope is not self._message:
            self._message, self._read, self._whole_head = self.scope, 0, False
            self._since = self.loop.time()
        else:  # earlier bytes of the same piece belong to other requests
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

    def _parse(self, data: bytes) -> bool:
        """Feed the parser in place of uvicorn, which logs every request that it refuses or does not upgrade."""
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade:
            return (
                True  # no other protocol is spoken here, so the request is answered over HTTP (RFC 9110, 7.8)
            )
        except HttpParserError:
            self.malformed.add(self.loop, self.app_state)
            self.send_400_response("Invalid HTTP request received.")
            return False
        return True

    def on_response_complete(self) -> None:
        """Start the next pipelined request; uvicorn's keep-alive timer is left out."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        self._since = self.loop.time()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    def _head_is_complete(self) -> bool:
        """uvicorn makes a scope for each request, and a cycle when its headers are complete."""
        return self.cycle is not None and self.cycle.scope is self.scope

    def _look_after(self) -> None:
        """Close a connection whose next step is overdue."""
        limit = self._limit()
        if limit is not None and self.loop.time() >= self._since + limit:
            # a closing transport waits until its buffer is sent, and this client does not read it
            if self.transport.is_closing():
                self.transport.abort()
            else:
                self.transport.close()
        shortest = min(self.head_seconds, self.body_seconds, self.timeout_keep_alive)
        self._watch = self.loop.call_later(shortest / self.looks, self._look_after)

    def _limit(self) -> float | None:
        """Seconds from the last step of this connection to its next; None while the next step is ours."""
        if self.flow.write_paused:
            return self.body_seconds
        if not self._head_is_complete():
            return self.head_seconds
        if self.cycle.response_complete:
            return self.timeout_keep_alive
        return self.body_seconds if self.cycle.more_body else None

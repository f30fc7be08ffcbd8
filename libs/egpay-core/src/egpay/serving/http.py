"""A slow or endless request costs its sender a connection, and us next to nothing.

uvicorn reads as much as comes before the headers are complete, and waits for ever for what does not come. Here a
request line with its headers may take 64 KiB and 15 s, its body 60 s. Of a body that the application does not read,
64 KiB are kept and the rest stays with the sender (uvicorn's flow control); how large a body may be as a whole is
for the application to say, which knows what it expects.
"""

import asyncio
from enum import Enum
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD = 65_536
# RFC 6585 §5
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class _Due(Enum):
    """What the other side still has to send."""

    NOTHING = 0
    HEAD = 1
    BODY = 2


class BoundedHttp(HttpToolsProtocol):
    """HTTP/1.1 with an end to what one connection may send and how long it may take."""

    head_seconds = 15.0
    body_seconds = 60.0

    def __init__(self, *args: Any, **options: Any) -> None:
        """As uvicorn makes it."""
        super().__init__(*args, **options)
        self._head = 0
        self._due = _Due.HEAD
        self._went_on = False
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The first request is due."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing more is due."""
        self._due = _Due.NOTHING
        self._wait()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to a head that is still not complete. What came whole, as most requests do, has kept nobody
        waiting and costs no timer."""
        super().data_received(data)
        if self._due is _Due.HEAD and not self.transport.is_closing():
            self._head += len(data)
            if self._head > LARGEST_HEAD:
                self.transport.write(_TOO_LARGE)
                self.transport.close()
        if self._went_on:
            self._went_on = False
            self._wait()

    def on_message_begin(self) -> None:
        """A request begins; its headers are due."""
        super().on_message_begin()
        self._due, self._head, self._went_on = _Due.HEAD, 0, True

    def on_headers_complete(self) -> None:
        """Its body is due."""
        self._due, self._went_on = _Due.BODY, True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It is all there; keep-alive has a time limit of its own."""
        self._due, self._went_on = _Due.NOTHING, True
        super().on_message_complete()

    def _wait(self) -> None:
        """For what is due now, and no longer for what was due before."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if self._due is not _Due.NOTHING:
            seconds = self.head_seconds if self._due is _Due.HEAD else self.body_seconds
            self._deadline = self.loop.call_later(seconds, self.transport.close)

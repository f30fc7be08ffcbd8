"""Raw HTTP connection: sends any bytes, pipelined, and reads the answers without trusting their sender."""

import contextlib
import re
import socket
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_PATIENCE = 20.0
"""Seconds for an answer; the service itself promises one within ten."""
_GLANCE = 0.25
"""Seconds for the answer to a request whose end is in doubt, before our side hangs up."""


class Answer(NamedTuple):
    """One answer as it came: its status, head and body."""

    status: int
    head: bytes
    body: bytes


class RawConnection:
    """One connection to this machine, opened when it is needed and again after it was closed."""

    def __init__(self, port: int) -> None:
        """Send to 127.0.0.1 only: hostile requests leave this machine under no setting."""
        self._port = port
        self._socket: socket.socket | None = None
        self._read = b""

    def ask(self, requests: Sequence[bytes]) -> list[Answer]:
        """Pipeline well-framed requests; fewer answers than requests when the connection ended before."""
        answers: list[Answer] = []
        try:
            self._opened().sendall(b"".join(requests))
            ended = False
            while len(answers) < len(requests) and not ended:
                answers.append(self._next())
                ended = b"\r\nconnection: close" in answers[-1].head.lower()
        except (ConnectionError, EOFError):
            ended = True
        if ended:
            self.close()
        return answers

    def send(self, request: bytes) -> None:
        """Send bytes that the other side may refuse to read."""
        with contextlib.suppress(ConnectionError):
            self._opened().sendall(request)

    def rest(self, until: float) -> Iterator[Answer]:
        """Read answers until the other side ends the connection, at the latest at a moment (monotonic)."""
        with contextlib.suppress(ConnectionError, EOFError, TimeoutError):
            while True:
                self._opened().settimeout(max(until - time.monotonic(), 0.001))
                yield self._next()

    def hang_up(self) -> None:
        """End our side of the connection: what was promised will never come."""
        with contextlib.suppress(OSError):
            self._opened().shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._read = None, b""

    def _opened(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=_PATIENCE)
        return self._socket

    def _next(self) -> Answer:
        while True:
            head = self._until(b"\r\n\r\n")
            status = int(head[9:12])
            if status >= 200:
                break
        length = _LENGTH.search(head)
        body = self._exactly(int(length[1])) if length and status not in (204, 304) else b""
        return Answer(status, head, body)

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._read:
            self._more()
        head, _, self._read = self._read.partition(mark)
        return head

    def _exactly(self, count: int) -> bytes:
        while len(self._read) < count:
            self._more()
        body, self._read = self._read[:count], self._read[count:]
        return body

    def _more(self) -> None:
        came = self._opened().recv(65_536)
        if not came:
            raise EOFError
        self._read += came


def end_each(port: int, requests: Sequence[bytes]) -> list[list[Answer]]:
    """Send each request on a connection of its own, all at once; hang up when nothing comes; return the answers."""
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(contextlib.closing(RawConnection(port))) for _ in requests]
        for connection, request in zip(connections, requests, strict=True):
            connection.send(request)
        until = time.monotonic() + _GLANCE
        answers = [list(connection.rest(until)) for connection in connections]
        for connection in connections:
            connection.hang_up()
        until = time.monotonic() + _PATIENCE
        for connection, heard in zip(connections, answers, strict=True):
            heard.extend(connection.rest(until))
        return answers


@contextlib.contextmanager
def slow_senders(port: int, count: int) -> Iterator[list[socket.socket]]:
    """Open connections whose requests never end; the caller sends a byte on each whenever it likes."""
    head = b"POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\n"
    beginnings = (
        head,
        head + b"content-length: 900000\r\n\r\n{",
        head + b"transfer-encoding: chunked\r\n\r\n5\r\nx",
        b"G",
    )
    with contextlib.ExitStack() as stack:
        opened = []
        for number in range(count):
            slow = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE))
            slow.sendall(beginnings[number % len(beginnings)])
            opened.append(slow)
        yield opened

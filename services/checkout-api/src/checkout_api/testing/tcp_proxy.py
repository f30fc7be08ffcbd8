"""TCP proxy: a connection that a test closes and opens again, to take a dependency away."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

_HOST = "127.0.0.1"


class TcpProxy:
    """Forwards TCP on a port of its own; `port` stays the same while it is closed and opened again."""

    def __init__(self, target_url: str) -> None:
        """Forward to the host and port of a URL."""
        target = urlsplit(target_url)
        self._target = (target.hostname or _HOST, target.port or 80)
        self._url = target
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def url(self) -> str:
        """The target's URL through this proxy."""
        login, at, _ = self._url.netloc.rpartition("@")
        return self._url._replace(netloc=f"{login}{at}{_HOST}:{self.port}").geturl()

    async def open(self) -> None:
        """Accept connections."""
        self._server = await asyncio.start_server(self._forward, _HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Abort open connections and refuse new ones."""
        if self._server is not None:
            self._server.close()
        for pipe in self._pipes:
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)

    async def pump_out(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        """Forward what the client sends, until it sends no more."""
        await _pump(source, sink)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._pipes.add(task)
            task.add_done_callback(self._pipes.discard)
        there: asyncio.StreamWriter | None = None
        try:
            back, there = await asyncio.open_connection(*self._target)
            async with asyncio.TaskGroup() as both:
                both.create_task(self.pump_out(reader, there))
                both.create_task(_pump(back, writer))
        except* (OSError, asyncio.CancelledError):
            pass
        finally:
            for end in (writer, there):
                if end is not None:
                    end.transport.abort()


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while data := await source.read(65_536):
        sink.write(data)
        await sink.drain()
    with suppress(OSError):
        sink.write_eof()

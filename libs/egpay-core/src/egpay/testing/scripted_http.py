"""Scripted HTTP server: sends prepared responses and records requests, to test real outages."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import msgspec


class ReceivedRequest(msgspec.Struct, frozen=True):
    """One request; header names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def form(self) -> dict[str, str]:
        """The form fields of the body, or of the query where there is no body."""
        return dict(parse_qsl(self.body.decode() or urlsplit(self.target).query))


class ScriptedAnswer(msgspec.Struct, frozen=True):
    """A response; `hangs` sends none until the caller gives up, `drops` closes the connection at once."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = {}
    hangs: bool = False
    drops: bool = False


@dataclass
class ScriptedHttp:
    """Sends its answers in order; the last one serves all further requests."""

    url: str = ""
    answers: deque[ScriptedAnswer] = field(default_factory=lambda: deque([ScriptedAnswer()]))
    heard: list[ReceivedRequest] = field(default_factory=list)
    connections: dict[asyncio.StreamWriter, asyncio.Event] = field(default_factory=dict)

    def say(self, *answers: ScriptedAnswer) -> None:
        """Replace the answers."""
        self.answers = deque(answers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, until the caller closes it."""
        over = self.connections[writer] = asyncio.Event()
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            over.set()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        self.heard.append(await _read(reader))
        answer = self.answers.popleft() if len(self.answers) > 1 else self.answers[0]
        if answer.hangs:
            await reader.read()
        if answer.hangs or answer.drops:
            return False
        lines = [f"HTTP/1.1 {answer.status} Scripted", f"content-length: {len(answer.body)}"]
        lines += [f"{name}: {value}" for name, value in answer.headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + answer.body)
        await writer.drain()
        return True


@asynccontextmanager
async def scripted_http() -> AsyncIterator[ScriptedHttp]:
    """A server on a free local port, until the block ends."""
    script = ScriptedHttp()
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield script
    finally:
        server.close()
        for writer, over in script.connections.items():
            writer.close()
            await over.wait()
            with suppress(ConnectionError):
                await writer.wait_closed()
        await server.wait_closed()


async def _read(reader: asyncio.StreamReader) -> ReceivedRequest:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    pairs = (line.partition(":") for line in head[1:] if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return ReceivedRequest(method, target, headers, body)

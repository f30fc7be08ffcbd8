"""Scripted SMTP server: gives prepared replies to each command, and records the bytes it was sent."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

_REPLIES = {
    "CONNECT": "220 scripted",
    "AUTH": "235 2.7.0 welcome",
    "DATA": "354 go on",
    "BODY": "250 2.0.0 taken",
    "QUIT": "221 bye",
}


@dataclass
class ScriptedSmtp:
    """`replies` holds what it says next to a command (`CONNECT` and `BODY` are moments of their own), then it agrees.

    `offers` are the extensions it announces. `commands` and `letters` are what came, byte by byte."""

    url: str = ""
    offers: tuple[str, ...] = ()
    replies: dict[str, deque[str]] = field(default_factory=dict)
    commands: list[bytes] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)
    connections: dict[asyncio.StreamWriter, asyncio.Event] = field(default_factory=dict)

    def say(self, command: str, *replies: str) -> None:
        """Prepare the next replies to a command."""
        self.replies.setdefault(command, deque()).extend(replies)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, until the client leaves."""
        over = self.connections[writer] = asyncio.Event()
        try:
            writer.write(self._reply("CONNECT"))
            while line := await reader.readline():
                command = line.split(maxsplit=1)[0].decode().upper()
                self.commands.append(line.rstrip(b"\r\n"))
                answer = self._greeting() if command == "EHLO" else self._reply(command)
                writer.write(answer)
                if command == "DATA" and answer.startswith(b"354"):
                    writer.write(await self._letter(reader))
                if command == "QUIT":
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            over.set()

    async def _letter(self, reader: asyncio.StreamReader) -> bytes:
        content = await reader.readuntil(b"\r\n.\r\n")
        self.letters.append(content.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n."))
        return self._reply("BODY")

    def _greeting(self) -> bytes:
        if self.replies.get("EHLO"):
            return self._reply("EHLO")
        lines = ["250-scripted", *(f"250-{offer}" for offer in self.offers), "250 ENHANCEDSTATUSCODES"]
        return "".join(f"{line}\r\n" for line in lines).encode()

    def _reply(self, command: str) -> bytes:
        prepared = self.replies.get(command)
        return f"{prepared.popleft() if prepared else _REPLIES.get(command, '250 2.0.0 OK')}\r\n".encode()


@asynccontextmanager
async def scripted_smtp() -> AsyncIterator[ScriptedSmtp]:
    """Listen on a free port of this machine until the block ends."""
    script = ScriptedSmtp()
    server = await asyncio.start_server(script.serve, "127.0.0.1", 0)
    script.url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield script
    finally:
        server.close()
        for writer, over in script.connections.items():
            writer.close()
            await over.wait()
        await server.wait_closed()
